using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mnist.Cli.Shared;
using Mnist.Client;
using Spectre.Console;

namespace Mnist.Cli.Commands.Classify;

/// <summary>The results of <c>mnist classify</c>, as a table or as JSON.</summary>
/// <param name="Server">The service's address.</param>
/// <param name="Results">The results, in the order of the files.</param>
/// <param name="FileCount">Number of files, including those without a result.</param>
/// <param name="Elapsed">Time from the first file read to the last response.</param>
/// <param name="Failure">Why the remaining files have no result; null if all have one.</param>
internal sealed record ClassifyReport(Uri Server, IReadOnlyList<FileResult> Results, int FileCount, TimeSpan Elapsed, string? Failure)
{
    public int Classified => Results.Count(result => result.Classification is not null);

    public int Rejected => Results.Count - Classified;

    private int Labelled => Results.Count(result => result.Correct is not null);

    private int Correct => Results.Count(result => result.Correct == true);

    /// <param name="output">Receives the table.</param>
    /// <param name="show">Whether to draw the network's input below each line.</param>
    public void WriteTable(TextWriter output, bool show)
    {
        if (Results.Count == 0)
        {
            return;
        }

        // Plain lines: a Spectre table of 60,000 files would take hundreds of megabytes.
        var console = Terminal.Open(output);
        int width = Results.Max(result => result.File.Path.Length);
        console.WriteLine($"{"File".PadRight(width)}  Class  Probability");
        foreach (var result in Results)
        {
            var digit = result.Classification is { Digit: false } ? null : result.Classification;
            string number = digit?.Class.ToString(CultureInfo.InvariantCulture) ?? "-";
            string probability = digit?.Probability.ToString("P2", CultureInfo.InvariantCulture) ?? "-";
            var (remark, colour) = Remark(result);
            console.Write(Terminal.OneLine($"{result.File.Path.PadRight(width)}  {number,-5}  {probability,-11}  "));
            console.WriteLine(Terminal.OneLine(remark), new Style(colour));
            if (show && result.Classification?.Preview is { } preview)
            {
                DigitDrawing.Write(console, preview);
            }
        }

        console.WriteLine(Summary());
    }

    public void WriteJson(TextWriter output)
    {
        var images = Results.Select(result => new JsonImage(
            result.File.Path, result.Classification?.Class, result.Classification?.Probability, result.Classification?.Digit, result.Classification?.Reason,
            result.File.Label, result.Correct, result.Error));
        var summary = new JsonSummary(FileCount, Classified, Rejected, Labelled, Correct, Math.Round(Elapsed.TotalSeconds, 3));
        output.WriteLine(JsonSerializer.Serialize(new JsonReport(Server, images, summary, Failure), ReportJson.Default.JsonReport));
    }

    private string Summary()
    {
        string correct = Labelled > 0 ? $"{Correct} of {Labelled} correct, " : "";
        string rejected = Rejected > 0 ? $", {Rejected} rejected" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{correct}{Classified} of {FileCount} classified{rejected}, {Elapsed.TotalSeconds:0.00} s");
    }

    private static (string Text, Color? Colour) Remark(FileResult result) => (result.Error, result.Correct) switch
    {
        ({ } error, _) => ($"rejected: {error}", Color.Red),
        _ when result.Classification is { Digit: false, Reason: Classification.LowConfidence } => ("not a digit: low confidence", Color.Yellow),
        _ when result.Classification is { Digit: false } => ("not a digit", Color.Yellow),
        (_, true) => ("correct", Color.Green),
        (_, false) => ($"wrong, it is {result.File.Label}", Color.Yellow),
        _ => ("", null),
    };
}

internal sealed record JsonImage(string File, int? Class, double? Probability, bool? Digit, string? Reason, int? Label, bool? Correct, string? Error);

internal sealed record JsonSummary(int Files, int Answered, int Rejected, int Labelled, int Correct, double Seconds);

internal sealed record JsonReport(Uri Server, IEnumerable<JsonImage> Images, JsonSummary Summary, string? Error);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(JsonReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
