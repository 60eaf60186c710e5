using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mnist.Training.Evaluation;
using Spectre.Console;

namespace Mnist.Cli.Reject;

/// <summary>How well weights tell digits from other images, for people and for programs.</summary>
/// <param name="Network">The weights file.</param>
/// <param name="Digits">The digits that were judged.</param>
/// <param name="Result">How well.</param>
internal sealed record RejectReport(string Network, string Digits, OodEvaluation Result)
{
    public void WriteTable(TextWriter output)
    {
        var console = Terminal.Open(output);
        console.WriteLine(Terminal.OneLine($"{Digits} and other images, by {Network}"));
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"score at least {Result.Threshold:0.000}, probability at least {Result.MinProbability:0.00}; {Result.MultiplyAdds:N0} multiply-adds an image; mean AUROC {Result.Auroc:0.0000}"));
        foreach (var group in Result.Kinds.GroupBy(kind => kind.Group))
        {
            var table = new Table().Border(TableBorder.Simple).AddColumn(Markup.Escape(group.Key));
            foreach (string title in new[] { "images", "AUROC", "not a digit", "low confidence", "refused" })
            {
                table.AddColumn(new TableColumn(title).RightAligned());
            }

            foreach (var kind in group)
            {
                table.AddRow(
                    Markup.Escape(kind.Name), kind.Count.ToString("N0", CultureInfo.InvariantCulture), group.Key == OodEvaluation.Digits ? "" : kind.Auroc.ToString("0.0000", CultureInfo.InvariantCulture),
                    Percent(kind.NotADigit), Percent(kind.LowConfidence), Percent(kind.Rejected));
            }

            console.Write(table);
        }
    }

    public void WriteJson(TextWriter output) => output.WriteLine(JsonSerializer.Serialize(this, OodJson.Default.RejectReport));

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.00} %");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(RejectReport))]
internal sealed partial class OodJson : JsonSerializerContext;
