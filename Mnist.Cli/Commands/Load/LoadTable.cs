using System.Globalization;
using Mnist.Cli.Shared;
using Mnist.LoadTesting;
using Spectre.Console;

namespace Mnist.Cli.Commands.Load;

/// <summary>The table of <c>mnist load</c>. Each step is written as soon as it is measured.</summary>
internal sealed class LoadTable
{
    private const int FirstWidth = 12;
    private const string Gap = "  ";

    private readonly IAnsiConsole _console;
    private readonly Column[] _columns;
    private bool? _isClosed;

    /// <param name="output">Receives the table.</param>
    /// <param name="images">Images per request.</param>
    public LoadTable(TextWriter output, int images)
    {
        _console = Terminal.Open(output);
        Column[] server =
        [
            new("decode", 6, step => Microseconds(step.Outcome.ServerTime?.Decode)),
            new("queue", 7, step => Microseconds(step.Outcome.ServerTime?.Queue)),
            new("engine", 7, step => Microseconds(step.Outcome.ServerTime?.Inference)),
        ];
        Column[] columns =
        [
            new("requests/s", 10, step => Number(step.RequestsPerSecond)),
            .. images == 1 ? Array.Empty<Column>() : [new("images/s", 8, step => Number(step.ImagesPerSecond))],
            new("mean", 7, step => Microseconds(step.Latency?.Mean)),
            new("p50", 7, step => Microseconds(step.Latency?.P50)),
            new("p90", 7, step => Microseconds(step.Latency?.P90)),
            new("p95", 7, step => Microseconds(step.Latency?.P95)),
            new("p99", 7, step => Microseconds(step.Latency?.P99)),
            new("p99.9", 7, step => Microseconds(step.Latency?.P999)),
            new("errors", 6, step => step.Outcome.Errors == 0 ? "-" : Number(step.Outcome.Errors)),
        ];
        int width = FirstWidth + columns.Concat(server).Sum(column => Gap.Length + column.Width);

        // Narrow terminals get no columns of server times, so that lines do not wrap.
        _columns = width <= _console.Profile.Width ? [.. columns, .. server] : columns;
    }

    public void WriteTitle(string title) => _console.WriteLine(title);

    public void Add(LoadStep step)
    {
        if (_isClosed != step.Concurrency is not null)
        {
            _isClosed = step.Concurrency is not null;
            WriteHeader(_isClosed.Value);
        }

        var outcome = step.Outcome;
        _console.WriteLine(Line(FirstCell(step), column => column.Value(step)), step.HasFailed ? new Style(Color.Red) : Style.Plain);
        if (outcome.Errors > 0)
        {
            (int Count, string What)[] errors =
            [
                .. outcome.Statuses.Select(status => (status.Value, $"x {status.Key}")),
                (outcome.Wrong, "wrong responses"),
                (outcome.Broken, "broken connections"),
                (outcome.Lost, $"not sent: all {LoadGenerator.MaxConnections} connections busy"),
                (outcome.Unanswered, string.Create(CultureInfo.InvariantCulture, $"timed out after {LoadGenerator.TimeoutSeconds} s")),
            ];
            string list = string.Join(", ", errors.Where(error => error.Count > 0).Select(error => $"{Number(error.Count)} {error.What}"));
            _console.WriteLine($"{new string(' ', FirstWidth)}{Gap}{list}", new Style(Color.Yellow));
        }

        if (outcome.FirstError is { } error)
        {
            _console.WriteLine(Terminal.OneLine($"{new string(' ', FirstWidth)}{Gap}first: {error}"), new Style(Color.Red));
        }
    }

    public void WriteCapacity(LoadStep best) => _console.WriteLine(
        $"\nCapacity: {Number(best.ImagesPerSecond)} images/s{(best.Images == 1 ? "" : $" ({Number(best.RequestsPerSecond)} requests/s)")} at concurrency {best.Concurrency}",
        new Style(decoration: Decoration.Bold));

    private static string FirstCell(LoadStep step) =>
        step.Concurrency is { } concurrency ? $"{concurrency}" : (step.Share is { } share ? share.ToString("P0", CultureInfo.InvariantCulture) : "") + Number(step.Rate!.Value).PadLeft(8);

    private static string Microseconds(double? value) => value is { } number ? Number(number) : "-";

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private void WriteHeader(bool isClosed)
    {
        _console.WriteLine(isClosed
            ? "\nClosed loop: each connection sends its next request when it has received a response. Times in us."
            : "\nOpen loop: requests are sent on a schedule. Latency counts from the time when a request was due. Times in us.");
        _console.WriteLine(Line(isClosed ? "concurrency" : "due/s", column => column.Header), new Style(decoration: Decoration.Dim));
    }

    private string Line(string first, Func<Column, string> cell) =>
        first.PadLeft(FirstWidth) + string.Concat(_columns.Select(column => Gap + cell(column).PadLeft(column.Width)));

    private sealed record Column(string Header, int Width, Func<LoadStep, string> Value);
}
