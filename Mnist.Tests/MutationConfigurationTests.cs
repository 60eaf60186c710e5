using System.Text.Json;
using System.Text.RegularExpressions;

namespace Mnist.Tests;

/// <summary>The configurations of eng/mutate.sh. Stryker ignores files and tests that do not exist.</summary>
public sealed partial class MutationConfigurationTests
{
    [TestCase("batcher")]
    [TestCase("validation")]
    [TestCase("weights")]
    public void Configuration_OfAPart_NamesFilesAndTestsThatExist(string part)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("eng", "mutate", $"{part}.json")));
        var configuration = json.RootElement.GetProperty("stryker-config");
        string project = Path.GetFileNameWithoutExtension(configuration.GetProperty("project").GetString()!);
        string[] files = [.. configuration.GetProperty("mutate").EnumerateArray().Select(file => file.GetString()!)];
        string[] fixtures = [.. Fixture().Matches(configuration.GetProperty("test-case-filter").GetString()!).Select(match => match.Value)];
        string[] tests = [.. typeof(MutationConfigurationTests).Assembly.GetTypes().Select(type => type.FullName!)];

        Assert.That(files.Select(file => Repository.PathOf(project, file.Replace("*.cs", string.Empty, StringComparison.Ordinal))), Is.Not.Empty.And.All.Exist);
        Assert.That(fixtures, Is.Not.Empty);
        Assert.That(fixtures.Where(fixture => !tests.Any(test => test.EndsWith(fixture, StringComparison.Ordinal))), Is.Empty);
    }

    [GeneratedRegex(@"(?<=[~.])[A-Z]\w+Tests\b")]
    private static partial Regex Fixture();
}
