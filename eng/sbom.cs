// Writes the service's bill of materials as a CycloneDX document: dotnet run eng/sbom.cs > sbom.json
// Packages, their hashes and their dependencies come from the lock file. The image libraries inside SkiaSharp's native library are in no package
// manager; they are listed here, with the version where the library contains it.
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
#:property NoWarn=CS1591

using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

const string Service = "Mnist.Api";
const string NativePackage = "SkiaSharp.NativeAssets.Linux.NoDependencies";
string repository = Path.GetFullPath(Path.Combine((string)AppContext.GetData("EntryPointFileDirectoryPath")!, ".."));
var lockFile = JsonNode.Parse(File.ReadAllText(Path.Combine(repository, Service, "packages.lock.json")))!["dependencies"]!["net10.0"]!.AsObject();
string version = Regex.Match(File.ReadAllText(Path.Combine(repository, "Directory.Build.props")), "<Version>(.+)</Version>").Groups[1].Value;
var native = NativeLibraries(Text(lockFile[NativePackage]!, "resolved")).ToList();
var known = lockFile.Select(package => Reference(package.Key)).ToHashSet();

var document = new JsonObject
{
    ["bomFormat"] = "CycloneDX",
    ["specVersion"] = "1.6",
    ["version"] = 1,
    ["metadata"] = new JsonObject { ["component"] = Component("application", Service, version) },
    ["components"] = new JsonArray(
    [
        .. lockFile.Select(package => IsProject(package.Value!) ? Component("library", package.Key, version) : Package(package.Key, package.Value!)),
        .. native.Select(library => Component("library", library.Name, library.Version)),
    ]),
    ["dependencies"] = new JsonArray(
    [
        Depends(Service, lockFile.Where(package => Text(package.Value!, "type") is "Direct" or "Project").Select(package => package.Key)),
        .. lockFile.Select(package => Depends(package.Key, package.Key == NativePackage ? native.Select(library => library.Name) : Needs(package.Value!))),
        .. native.Select(library => Depends(library.Name, [])),
    ]),
};
Console.WriteLine(document.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));

IEnumerable<string> Needs(JsonNode package) =>
    (package["dependencies"]?.AsObject() ?? []).Select(dependency => dependency.Key).Where(name => known.Contains(Reference(name)));

static JsonObject Package(string name, JsonNode package)
{
    var component = Component("library", name, Text(package, "resolved"));
    component["purl"] = $"pkg:nuget/{name}@{Text(package, "resolved")}";
    component["hashes"] = new JsonArray(new JsonObject
    {
        ["alg"] = "SHA-512",
        ["content"] = Convert.ToHexStringLower(Convert.FromBase64String(Text(package, "contentHash"))),
    });
    return component;
}

static JsonObject Component(string type, string name, string? version)
{
    var component = new JsonObject { ["type"] = type, ["bom-ref"] = Reference(name), ["name"] = name };
    if (version is not null)
    {
        component["version"] = version;
    }

    return component;
}

static JsonObject Depends(string name, IEnumerable<string> needs) =>
    new() { ["ref"] = Reference(name), ["dependsOn"] = new JsonArray([.. needs.Select(need => JsonValue.Create(Reference(need)))]) };

// libwebp, zlib and Wuffs keep their version out of the library; Skia's milestone decides it.
static IEnumerable<(string Name, string? Version)> NativeLibraries(string version)
{
    string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
    string path = Path.Combine(packages, Reference(NativePackage), version, "runtimes", "linux-x64", "native", "libSkiaSharp.so");
    string content = Encoding.Latin1.GetString(File.ReadAllBytes(path));
    yield return ("skia", Find("Skia/PDF m([0-9]+)"));
    yield return ("libpng", Find("\0(1\\.[0-9]\\.[0-9]+)\0"));
    yield return ("libjpeg-turbo", Find("libjpeg-turbo version ([0-9.]+)"));
    yield return ("libwebp", null);
    yield return ("zlib", null);
    yield return ("wuffs", null);

    string Find(string pattern) => Regex.Match(content, pattern) is { Success: true } match
        ? match.Groups[1].Value
        : throw new InvalidDataException($"{path}: nothing matches {pattern}; see what has changed in SkiaSharp.");
}

static bool IsProject(JsonNode package) => Text(package, "type") == "Project";

static string Text(JsonNode node, string name) => (string)node[name]!;

static string Reference(string name) => name.ToLowerInvariant();
