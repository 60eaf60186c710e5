using System.Xml.Linq;

namespace Mnist.Tests;

/// <summary>Holds the dependency rule of the solution: what a project may reference, and what the source files of a layer may use.</summary>
public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Mnist.Inference"] = [],
        ["Mnist.Core"] = ["Mnist.Inference"],
        ["Mnist.Api"] = ["Mnist.Core"],
        ["Mnist.Client"] = [],
        ["Mnist.Training"] = ["Mnist.Inference"],
        ["Mnist.Cli"] = ["Mnist.Client", "Mnist.Training"],
    };

    private static readonly string[] MeasureOrTest = ["Mnist.Benchmarks", "Mnist.Fuzzing", "Mnist.Tests"];

    [Test]
    public void ProjectFiles_Reference_OnlyWhatTheirLayerMay()
    {
        string[] projects = [.. Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories).Where(path => !path.Contains("artifacts", StringComparison.Ordinal))];

        Assert.That(projects.Select(Path.GetFileNameWithoutExtension), Is.EquivalentTo(Allowed.Keys.Concat(MeasureOrTest)));
        foreach (string project in projects)
        {
            string name = Path.GetFileNameWithoutExtension(project);
            if (Allowed.TryGetValue(name, out string[]? allowed))
            {
                Assert.That(References(project, "ProjectReference").Select(Path.GetFileNameWithoutExtension), Is.SubsetOf(allowed), name);
            }
        }
    }

    [Test]
    public void Engine_References_TensorPrimitivesAlone() =>
        Assert.That(References(Repository.PathOf("Mnist.Inference", "Mnist.Inference.csproj"), "PackageReference"), Is.EqualTo(new[] { "System.Numerics.Tensors" }));

    // A project sees what its references reference, so the project files alone do not keep the layers apart.
    [TestCase("Mnist.Inference", "Microsoft.AspNetCore", "Microsoft.Extensions", "SkiaSharp", "FluentValidation", "Serilog", "System.Net.Http")]
    [TestCase("Mnist.Core", "Microsoft.AspNetCore", "Microsoft.Extensions", "HttpContext", "Serilog")]
    [TestCase("Mnist.Api", "Mnist.Inference", "SkiaSharp", "System.Numerics", "DigitImage")]
    [TestCase("Mnist.Client", "Mnist.Core", "Mnist.Api", "Mnist.Inference")]
    public void Sources_OfALayer_NameNothingOfTheLayersAbove(string project, params string[] foreign)
    {
        string[] sources = [.. Directory.EnumerateFiles(Repository.PathOf(project), "*.cs", SearchOption.AllDirectories)];

        Assert.That(sources, Is.Not.Empty);
        foreach (string source in sources)
        {
            string code = string.Join('\n', File.ReadLines(source).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)));
            Assert.That(foreign.Where(name => code.Contains(name, StringComparison.Ordinal)), Is.Empty, source);
        }
    }

    private static IEnumerable<string> References(string project, string kind) =>
        XDocument.Load(project).Descendants(kind).Select(reference => reference.Attribute("Include")!.Value);
}
