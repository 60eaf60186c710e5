using System.Text.RegularExpressions;

namespace Mnist.Tests.Readme;

/// <summary>All Markdown files of the repository.</summary>
public sealed partial class DocumentTests
{
    private const int MaxReadmeWords = 900;

    private static readonly string[] Folders = [".", "docs", "weights", "Mnist.Cli", "Mnist.Client"];

    [Test]
    public void Links_PointToFilesAndHeadingsThatExist()
    {
        string[] documents = [.. Folders.SelectMany(folder => Directory.EnumerateFiles(
            Repository.PathOf(folder), "*.md", folder == "docs" ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly))];

        string[] broken = [.. documents.SelectMany(document => Markdown.Links(File.ReadAllText(document))
            .Where(link => !Exists(document, link.Path, link.Anchor))
            .Select(link => $"{document}: {link.Path}#{link.Anchor}"))];

        Assert.That(documents, Has.Length.GreaterThan(30));
        Assert.That(broken, Is.Empty);
    }

    [Test]
    public void Readme_StaysShort()
    {
        string[] words = File.ReadAllText(Repository.PathOf("README.md")).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

        Assert.That(words, Has.Length.LessThanOrEqualTo(MaxReadmeWords));
    }

    [Test]
    public void Contributing_NamesEveryEnvironmentVariableOfTheCode()
    {
        string document = File.ReadAllText(Repository.PathOf("CONTRIBUTING.md"));
        string[] variables = [.. Directory.EnumerateDirectories(Repository.Root, "Mnist.*")
            .SelectMany(project => Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories))
            .SelectMany(file => Variable().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).Distinct()];

        Assert.That(variables, Has.Length.GreaterThan(5));
        Assert.That(variables.Where(variable => !document.Contains($"`{variable}", StringComparison.Ordinal)), Is.Empty);
    }

    private static bool Exists(string document, string path, string anchor)
    {
        string target = path.Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, path);
        return Path.Exists(target) && (anchor.Length == 0 || Markdown.Anchors(File.ReadAllText(target)).Contains(anchor));
    }

    [GeneratedRegex("\"((?:MNIST|DOTNET|OTEL)_[A-Z_]+)\"")]
    private static partial Regex Variable();
}
