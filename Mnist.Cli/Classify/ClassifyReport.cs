using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Mnist.Cli.Classify;

/// <summary>All results of one run, for people and for programs.</summary>
/// <param name="Server">Where the files were sent.</param>
/// <param name="Results">One for each file that has one, in the order of the files.</param>
/// <param name="FileCount">How many files there were.</param>
/// <param name="Elapsed">The time from the first file read to the last answer.</param>
/// <param name="Failure">Why the rest of the files has no result; null when all have one.</param>
internal sealed record ClassifyReport(Uri Server, IReadOnlyList<FileResult> Results, int FileCount, TimeSpan Elapsed, string? Failure)
{
    public int Answered => Results.Count(result => result.Classification is not null);

    public int Refused => Results.Count - Answered;

    private int Labelled => Results.Count(result => result.Correct is not null);

    private int Right => Results.Count(result => result.Correct == true);

    public void WriteTable(TextWriter output)
    {
        if (Results.Count == 0)
        {
            return;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("File", "Class", "Probability", "");
        foreach (var result in Results)
        {
            table.AddRow(
                Plain(result.File.Path),
                Plain(result.Classification?.Class.ToString(CultureInfo.InvariantCulture) ?? "-"),
                Plain(result.Classification?.Probability.ToString("P2", CultureInfo.InvariantCulture) ?? "-"),
                Verdict(result));
        }

        var console = Terminal.Open(output);
        console.Write(table);
        console.WriteLine(Summary());
    }

    public void WriteJson(TextWriter output)
    {
        var images = Results.Select(result => new JsonImage(
            result.File.Path, result.Classification?.Class, result.Classification?.Probability, result.File.Label, result.Correct, result.Error));
        var summary = new JsonSummary(FileCount, Answered, Refused, Labelled, Right, Math.Round(Elapsed.TotalSeconds, 3));
        output.WriteLine(JsonSerializer.Serialize(new JsonReport(Server, images, summary, Failure), ReportJson.Default.JsonReport));
    }

    private string Summary()
    {
        string right = Labelled > 0 ? $"{Right} of {Labelled} right, " : "";
        string refused = Refused > 0 ? $", {Refused} refused" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{right}{Answered} of {FileCount} answered{refused}, {Elapsed.TotalSeconds:0.00} s");
    }

    private static Text Verdict(FileResult result) => (result.Error, result.Correct) switch
    {
        ({ } error, _) => Plain($"refused: {error}", Color.Red),
        (_, true) => Plain("right", Color.Green),
        (_, false) => Plain($"wrong, it is {result.File.Label}", Color.Yellow),
        _ => Plain(""),
    };

    private static Text Plain(string text, Color? colour = null) => new(Terminal.OneLine(text), new Style(colour));
}

internal sealed record JsonImage(string File, int? Class, double? Probability, int? Label, bool? Correct, string? Error);

internal sealed record JsonSummary(int Files, int Answered, int Refused, int Labelled, int Right, double Seconds);

internal sealed record JsonReport(Uri Server, IEnumerable<JsonImage> Images, JsonSummary Summary, string? Error);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(JsonReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
