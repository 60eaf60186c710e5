using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mnist.Cli.Shared;
using Mnist.Client;
using Spectre.Console;

namespace Mnist.Cli.Commands.Read;

/// <summary>The results of <c>mnist read</c>, as a table or as JSON.</summary>
internal sealed record ReadReport(Uri Server, IReadOnlyList<FileReading> Results)
{
    /// <summary>Lower probabilities are shown in yellow: a person should check them.</summary>
    private const double HighProbability = 0.9;

    public void WriteTable(TextWriter output)
    {
        var table = new Table { Border = Terminal.Is(output) ? TableBorder.Rounded : TableBorder.None };
        table.AddColumns("File", "Number", "Probability", "Digits");
        foreach (var result in Results)
        {
            string path = Markup.Escape(Terminal.OneLine(result.Path));
            if (result.Reading is { } reading)
            {
                table.AddRow(path, Coloured(reading.Text, reading.Probability), Percent(reading.Probability), string.Join("  ", reading.Digits.Select(Describe)));
            }
            else
            {
                table.AddRow(path, "-", "-", $"[red]rejected: {Markup.Escape(Terminal.OneLine(result.Error!))}[/]");
            }
        }

        Terminal.Open(output).Write(table);
    }

    public void WriteJson(TextWriter output) => output.WriteLine(JsonSerializer.Serialize(
        new JsonReport(Server, Results.Select(result => new JsonLine(result.Path, result.Reading?.Text, result.Reading?.Probability, result.Reading?.Digits, result.Error))),
        ReadJson.Default.JsonReport));

    private static string Describe(Classification digit) =>
        Coloured(string.Create(CultureInfo.InvariantCulture, $"{digit.Class} {digit.Probability:P2}"), digit.Probability);

    private static string Coloured(string text, double probability) => $"[{(probability >= HighProbability ? "green" : "yellow")}]{text}[/]";

    private static string Percent(double probability) => probability.ToString("P2", CultureInfo.InvariantCulture);
}

internal sealed record JsonLine(string File, string? Text, double? Probability, IReadOnlyList<Classification>? Digits, string? Error);

internal sealed record JsonReport(Uri Server, IEnumerable<JsonLine> Images);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(JsonReport))]
internal sealed partial class ReadJson : JsonSerializerContext;
