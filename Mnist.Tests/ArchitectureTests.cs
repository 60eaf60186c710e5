using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Mnist.Tests;

/// <summary>Holds the dependencies between the projects, and between the namespaces of each project. It reads the built assemblies.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string[] Programs = ["Mnist.Api", "Mnist.Cli", "Mnist.Benchmarks", "Mnist.Fuzzing"];

    private static readonly string[] TestProjects = ["Mnist.Tests", "Mnist.SystemTests"];

    /// <summary>By project, what it may use. The test projects may use all of them.</summary>
    private static readonly Dictionary<string, string[]> Layers = new()
    {
        ["Mnist.Inference"] = [],
        ["Mnist.Core"] = ["Mnist.Inference"],
        ["Mnist.Api"] = ["Mnist.Core"],
        ["Mnist.Client"] = [],
        ["Mnist.LoadTesting"] = ["Mnist.Client"],
        ["Mnist.Training"] = ["Mnist.Core", "Mnist.Inference"],
        ["Mnist.Cli"] = ["Mnist.Client", "Mnist.Core", "Mnist.Inference", "Mnist.LoadTesting", "Mnist.Training"],
        ["Mnist.Benchmarks"] = ["Mnist.Core", "Mnist.Inference", "Mnist.LoadTesting", "Mnist.Training"],
        ["Mnist.Fuzzing"] = ["Mnist.Core", "Mnist.Inference"],
    };

    /// <summary>Projects whose namespaces still have cycles.</summary>
    private static readonly string[] Cyclic = [];

    private static IEnumerable<string> BuiltProjects => Layers.Keys.Except(["Mnist.Fuzzing"]);

    private static IEnumerable<string> ProjectsWithoutCycles => BuiltProjects.Append("Mnist.Tests").Except(Cyclic);

    [Test]
    public void Layers_NameEveryProject_AndNoProgramIsUsed()
    {
        string[] projects = [.. Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
            .Where(path => !path.StartsWith(Repository.PathOf("artifacts"), StringComparison.Ordinal)).Select(path => Path.GetFileNameWithoutExtension(path))];

        Assert.That(projects, Is.EquivalentTo(Layers.Keys.Concat(TestProjects)));
        Assert.That(Layers.Values.SelectMany(used => used).Intersect(Programs.Concat(TestProjects)), Is.Empty);
    }

    [Test]
    public void ProjectReferences_OfEveryProject_AreAllowed()
    {
        foreach (string project in Layers.Keys.Concat(TestProjects))
        {
            string[] allowed = Layers.GetValueOrDefault(project) ?? [.. Layers.Keys];
            var references = XDocument.Load(Repository.PathOf(project, $"{project}.csproj")).Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));

            Assert.That(references, Is.SubsetOf(allowed), project);
        }
    }

    // A project sees what its references reference, so the project files alone do not keep the layers apart.
    [TestCaseSource(nameof(BuiltProjects))]
    public void AssemblyReferences_OfAProject_AreAllowed(string project)
    {
        using var assembly = ProjectAssembly.Read(project);

        Assert.That(assembly.References.Where(name => Layers.Keys.Any(other => ProjectAssembly.NameOf(other) == name)), Is.SubsetOf(Layers[project]));
    }

    [Test]
    public void AssemblyReferences_OfTheEngine_AreTheRuntimeAndTensorPrimitives()
    {
        using var engine = ProjectAssembly.Read("Mnist.Inference");
        string runtime = RuntimeEnvironment.GetRuntimeDirectory();
        string[] packages = [.. engine.References.Where(name => !File.Exists(Path.Combine(runtime, $"{name}.dll")))];

        Assert.That(packages, Is.EqualTo(new[] { "System.Numerics.Tensors" }));
        Assert.That(engine.Uses.Where(use => use.To.IsIn("System.Text.Json") && !use.From.IsIn("Mnist.Inference.Model")), Is.Empty, "JSON is for the metadata of a weights file");
    }

    [TestCase("Mnist.Inference", "Microsoft.AspNetCore", "Microsoft.Extensions", "SkiaSharp", "FluentValidation", "Serilog", "System.Net")]
    [TestCase("Mnist.Core", "Microsoft.AspNetCore", "Microsoft.Extensions", "Serilog")]
    [TestCase("Mnist.Api", "Mnist.Inference", "SkiaSharp", "System.Numerics")]
    [TestCase("Mnist.Client", "Mnist.Core", "Mnist.Api", "Mnist.Inference")]
    public void Types_OfALayer_UseNothingOfTheseNamespaces(string project, params string[] namespaces)
    {
        using var assembly = ProjectAssembly.Read(project);

        Assert.That(assembly.Uses, Is.Not.Empty);
        Assert.That(assembly.Uses.Where(use => namespaces.Any(use.To.IsIn)), Is.Empty);
    }

    [Test]
    public void Types_OfTheApi_DoNotUsePixels()
    {
        using var api = ProjectAssembly.Read("Mnist.Api");

        Assert.That(api.Uses.Where(use => use.To.Name == "DigitImage"), Is.Empty);
    }

    [TestCaseSource(nameof(ProjectsWithoutCycles))]
    public void Namespaces_OfAProject_HaveNoCycle(string project)
    {
        using var assembly = ProjectAssembly.Read(project);

        Assert.That(NamespaceCycle.Find(assembly.InnerUses), Is.Empty);
    }

    [Test]
    public void Find_CycleOfThreeNamespaces_GivesOneUseForEachArrow()
    {
        TypeUse first = Use("A", "B"), second = Use("B", "C"), third = Use("C", "A");

        Assert.That(NamespaceCycle.Find([Use("D", "A"), first, Use("B", "B"), second, third]), Is.EquivalentTo([first, second, third]));
        Assert.That(NamespaceCycle.Find([Use("D", "A"), first, Use("B", "B"), second]), Is.Empty);

        static TypeUse Use(string from, string to) => new(new(from, $"{from}Type"), new(to, $"{to}Type"));
    }

    [TestCaseSource(nameof(AllProjects))]
    public void Namespace_OfEveryFile_IsItsFolder(string project)
    {
        string[] files = [.. Directory.EnumerateFiles(Repository.PathOf(project), "*.cs", SearchOption.AllDirectories)];
        string[] misplaced = [.. files.Where(file => NamespaceLine().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value).ToList() switch
        {
            [var name] => name != Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '.'),
            [] => Path.GetFileName(file) is not ("Program.cs" or "StartupHook.cs"),
            _ => true,
        })];

        Assert.That(files, Is.Not.Empty);
        Assert.That(misplaced, Is.Empty);
    }

    private static IEnumerable<string> AllProjects() => Layers.Keys.Concat(TestProjects);

    [GeneratedRegex(@"^\s*namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();
}
