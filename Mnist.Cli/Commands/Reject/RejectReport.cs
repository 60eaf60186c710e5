using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mnist.Cli.Shared;
using Mnist.Training.Evaluation;
using Spectre.Console;

namespace Mnist.Cli.Commands.Reject;

/// <summary>The results of <c>mnist reject</c>, as tables or as JSON.</summary>
/// <param name="Network">The weights file.</param>
/// <param name="Digits">Name of the digit data set.</param>
/// <param name="Result">The results for each kind of image.</param>
internal sealed record RejectReport(string Network, string Digits, OodEvaluation Result)
{
    public void WriteTable(TextWriter output)
    {
        var console = Terminal.Open(output);
        console.WriteLine(Terminal.OneLine($"{Digits} and images that are not digits, by {Network}"));
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"accepted: OOD score at least {Result.Threshold:0.000} and probability at least {Result.MinProbability:0.00}; {Result.MultiplyAdds:N0} multiply-adds per image; mean AUROC {Result.Auroc:0.0000}"));
        foreach (var group in Result.Kinds.GroupBy(kind => kind.Group))
        {
            var table = new Table().Border(TableBorder.Simple).AddColumn(Markup.Escape(group.Key));
            table.AddRightAlignedColumns("images", "AUROC", "not a digit", "low confidence", "rejected");
            foreach (var kind in group)
            {
                table.AddRow(
                    Markup.Escape(kind.Name), kind.Count.ToString("N0", CultureInfo.InvariantCulture), group.Key == OodEvaluation.Digits ? "" : kind.Auroc.ToString("0.0000", CultureInfo.InvariantCulture),
                    ReportTable.Percent(kind.NotADigit), ReportTable.Percent(kind.LowConfidence), ReportTable.Percent(kind.Rejected));
            }

            console.Write(table);
        }
    }

    public void WriteJson(TextWriter output) => output.WriteLine(JsonSerializer.Serialize(this, OodJson.Default.RejectReport));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(RejectReport))]
internal sealed partial class OodJson : JsonSerializerContext;
