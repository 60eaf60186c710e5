using System.Globalization;
using System.Text.RegularExpressions;
using Mnist.Core.Settings;

namespace Mnist.Tests.Api;

/// <summary>docs/operations.md against the code.</summary>
public sealed partial class OperationsDocumentTests
{
    private static readonly string Document = File.ReadAllText(Repository.PathOf("docs", "operations.md"));

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

    /// <summary>A row of three cells: setting, default, meaning.</summary>
    [GeneratedRegex(@"^\| `([A-Z]\w+)` \| ([^|]+) \| [^|]+ \|$", RegexOptions.Multiline)]
    private static partial Regex SettingRow();
}
