using System.Globalization;
using System.Text.RegularExpressions;
using Mnist.Core;
using Mnist.Tests.Readme;

namespace Mnist.Tests.Api;

/// <summary>docs/reliability.md against the code.</summary>
public sealed partial class ReliabilityDocumentTests
{
    private static readonly string Document = File.ReadAllText(Repository.PathOf("docs", "reliability.md"));

    [Test]
    public void SettingsTable_HasEverySettingWithItsDefault()
    {
        var rows = SettingRow().Matches(Document).ToDictionary(row => row.Groups[1].Value, row => row.Groups[2].Value);
        var settings = typeof(MnistOptions).GetProperties().Where(property => property.CanWrite).ToList();

        Assert.That(rows.Keys, Is.EquivalentTo(settings.Select(setting => setting.Name)));
        var defaults = new MnistOptions();
        foreach (var setting in settings.Where(setting => setting.PropertyType.IsValueType && setting.Name != nameof(MnistOptions.Workers)))
        {
            Assert.That(rows[setting.Name], Is.EqualTo(Convert.ToString(setting.GetValue(defaults), CultureInfo.InvariantCulture)), setting.Name);
        }
    }

    [Test]
    public void EveryPath_ThatTheDocumentLinks_Exists()
    {
        string[] paths = [.. Markdown.Paths(Document)];

        Assert.That(paths, Is.Not.Empty);
        Assert.That(paths.Where(path => !Path.Exists(Repository.PathOf("docs", path))), Is.Empty);
    }

    [GeneratedRegex(@"^\| `([A-Z]\w+)` \| ([^|]+) \|", RegexOptions.Multiline)]
    private static partial Regex SettingRow();
}
