using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mnist.Client;
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

    /// <param name="output">Where the table goes.</param>
    /// <param name="show">Whether what the network saw is drawn below each line.</param>
    public void WriteTable(TextWriter output, bool show)
    {
        if (Results.Count == 0)
        {
            return;
        }

        // Lines, not a Spectre table: that takes its time and hundreds of megabytes for a folder of 60,000 files.
        var console = Terminal.Open(output);
        int width = Results.Max(result => result.File.Path.Length);
        console.WriteLine($"{"File".PadRight(width)}  Class  Probability");
        foreach (var result in Results)
        {
            var seen = result.Classification is { Digit: false } ? null : result.Classification;
            string digit = seen?.Class.ToString(CultureInfo.InvariantCulture) ?? "-";
            string probability = seen?.Probability.ToString("P2", CultureInfo.InvariantCulture) ?? "-";
            var (verdict, colour) = OodDecision(result);
            console.Write(Terminal.OneLine($"{result.File.Path.PadRight(width)}  {digit,-5}  {probability,-11}  "));
            console.WriteLine(Terminal.OneLine(verdict), new Style(colour));
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
        var summary = new JsonSummary(FileCount, Answered, Refused, Labelled, Right, Math.Round(Elapsed.TotalSeconds, 3));
        output.WriteLine(JsonSerializer.Serialize(new JsonReport(Server, images, summary, Failure), ReportJson.Default.JsonReport));
    }

    private string Summary()
    {
        string right = Labelled > 0 ? $"{Right} of {Labelled} right, " : "";
        string refused = Refused > 0 ? $", {Refused} refused" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{right}{Answered} of {FileCount} answered{refused}, {Elapsed.TotalSeconds:0.00} s");
    }

    private static (string Text, Color? Colour) OodDecision(FileResult result) => (result.Error, result.Correct) switch
    {
        ({ } error, _) => ($"refused: {error}", Color.Red),
        _ when result.Classification is { Digit: false, Reason: Classification.LowConfidence } => ("not a digit: none that the network is sure of", Color.Yellow),
        _ when result.Classification is { Digit: false } => ("not a digit", Color.Yellow),
        (_, true) => ("right", Color.Green),
        (_, false) => ($"wrong, it is {result.File.Label}", Color.Yellow),
        _ => ("", null),
    };
}

internal sealed record JsonImage(string File, int? Class, double? Probability, bool? Digit, string? Reason, int? Label, bool? Correct, string? Error);

internal sealed record JsonSummary(int Files, int Answered, int Refused, int Labelled, int Right, double Seconds);

internal sealed record JsonReport(Uri Server, IEnumerable<JsonImage> Images, JsonSummary Summary, string? Error);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(JsonReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
