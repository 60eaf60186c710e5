using System.Text.Json;
using System.Text.RegularExpressions;

namespace Mnist.SystemTests.SupplyChain;

/// <summary>The bill of materials, and that no part has a known vulnerability.</summary>
[CancelAfter(180_000)]
public sealed partial class SupplyChainTests
{
    /// <summary>
    /// The first versions without a known critical vulnerability: libpng 1.6.57 fixes CVE-2026-25646, libjpeg-turbo 3.0.0 CVE-2023-2804. From milestone 147
    /// on, Skia contains libwebp 1.6.0 (1.3.2 fixed CVE-2023-4863) and zlib 1.3.2, whose versions are not in the library.
    /// </summary>
    private static readonly Dictionary<string, Version> LeastVersions = new()
    {
        ["skia"] = new(147, 0),
        ["libpng"] = new(1, 6, 57),
        ["libjpeg-turbo"] = new(3, 0, 0),
    };

    private JsonElement _document;

    [OneTimeSetUp]
    public async Task MakeAsync()
    {
        var run = await CliRun.OfAsync("dotnet", ["run", Repository.PathOf("eng", "sbom.cs")]);
        Assert.That(run.ExitCode, Is.Zero, run.Error + run.Output);
        _document = run.Json;
    }

    [Test]
    public void Sbom_OfTheService_ListsEveryPackage()
    {
        // The packages of the build, not those of the lock file.
        string built = File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "Mnist.Api.deps.json"));
        string[] expected = [.. JsonDocument.Parse(built).RootElement.GetProperty("libraries").EnumerateObject()
            .Where(library => library.Value.GetProperty("type").GetString() == "package").Select(library => $"pkg:nuget/{library.Name.Replace('/', '@')}")];
        string[] listed = [.. Components().Where(component => component.TryGetProperty("purl", out _)).Select(component => component.GetProperty("purl").GetString()!)];

        Assert.That(expected, Has.Length.GreaterThan(15));
        Assert.That(listed, Is.SupersetOf(expected));
        Assert.That(Components().Where(component => component.TryGetProperty("hashes", out var hashes) && !Sha512().IsMatch(hashes[0].GetProperty("content").GetString()!)), Is.Empty);
    }

    [Test]
    public void Sbom_References_AreListed()
    {
        string[] listed = [.. Components().Select(component => component.GetProperty("bom-ref").GetString()!), "mnist.api"];
        var dependencies = _document.GetProperty("dependencies").EnumerateArray().ToList();

        Assert.That(_document.GetProperty("bomFormat").GetString(), Is.EqualTo("CycloneDX"));
        Assert.That(listed, Is.Unique);
        Assert.That(dependencies.Select(dependency => dependency.GetProperty("ref").GetString()), Is.EquivalentTo(listed));
        Assert.That(listed, Is.SupersetOf(dependencies.SelectMany(dependency => dependency.GetProperty("dependsOn").EnumerateArray()).Select(need => need.GetString()).Distinct()));
    }

    [Test]
    public void ImageLibraries_InSkiaSharp_HaveNoKnownCriticalVulnerability()
    {
        foreach (var (name, least) in LeastVersions)
        {
            string version = Components().Single(component => component.GetProperty("name").GetString() == name).GetProperty("version").GetString()!;
            Assert.That(Version.Parse(version.Contains('.', StringComparison.Ordinal) ? version : version + ".0"), Is.GreaterThanOrEqualTo(least), name);
        }
    }

    [TestCase("Mnist.Api")]
    [TestCase("Mnist.Cli")]
    [TestCase("Mnist.Client")]
    public async Task Restore_OfAProject_AuditsEveryPackageAndFails(string project)
    {
        var run = await CliRun.OfAsync(
            "dotnet", ["msbuild", Repository.PathOf(project), "-getProperty:NuGetAudit,NuGetAuditMode,NuGetAuditLevel,TreatWarningsAsErrors,WarningsNotAsErrors,NoWarn"]);
        var properties = run.Json.GetProperty("Properties");

        Assert.That(properties.GetProperty("NuGetAudit").GetString(), Is.EqualTo("true"));
        Assert.That(properties.GetProperty("NuGetAuditMode").GetString(), Is.EqualTo("all"), "transitive ones as well");
        Assert.That(properties.GetProperty("NuGetAuditLevel").GetString(), Is.EqualTo("low"));
        Assert.That(properties.GetProperty("TreatWarningsAsErrors").GetString(), Is.EqualTo("true"));
        Assert.That($"{properties.GetProperty("WarningsNotAsErrors")} {properties.GetProperty("NoWarn")}", Does.Not.Match("NU190[1-4]"));
    }

    private List<JsonElement> Components() => [.. _document.GetProperty("components").EnumerateArray()];

    [GeneratedRegex("^[0-9a-f]{128}$")]
    private static partial Regex Sha512();
}
