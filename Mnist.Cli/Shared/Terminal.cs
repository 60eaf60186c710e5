using Spectre.Console;

namespace Mnist.Cli.Shared;

/// <summary>Output with colours, animation and wrapped lines on a terminal, and without them in a file, in a pipe or with NO_COLOR.</summary>
internal static class Terminal
{
    /// <summary>Tables in files must not wrap.</summary>
    private const int UnlimitedWidth = 1_000_000;

    private const int StatusWidth = 60;

    /// <summary>Whether <paramref name="writer"/> is a terminal that supports colours and animation.</summary>
    public static bool Is(TextWriter writer)
        => ((ReferenceEquals(writer, Console.Out) && !Console.IsOutputRedirected) || (ReferenceEquals(writer, Console.Error) && !Console.IsErrorRedirected))
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>Creates a console that writes to <paramref name="writer"/>.</summary>
    public static IAnsiConsole Open(TextWriter writer)
    {
        bool terminal = Is(writer);
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = terminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = terminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = terminal ? InteractionSupport.Yes : InteractionSupport.No,
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        if (!terminal)
        {
            console.Profile.Width = UnlimitedWidth;
        }

        return console;
    }

    /// <summary>Runs <paramref name="work"/>, which reports its progress from 0 to 1, with a progress bar if <paramref name="writer"/> is a terminal.</summary>
    public static Task<T> WithProgressAsync<T>(TextWriter writer, string title, Func<Action<double>, Task<T>> work)
        => !Is(writer)
            ? work(_ => { })
            : Open(writer).Progress().AutoClear(true).StartAsync(progress =>
            {
                var task = progress.AddTask(Markup.Escape(title), maxValue: 1);
                return work(done => task.Value = done);
            });

    /// <summary>Shows a status line, which the next call replaces, if <paramref name="writer"/> is a terminal.</summary>
    public static void ShowStatus(TextWriter writer, string text)
    {
        if (Is(writer))
        {
            writer.Write($"\r{new string(' ', StatusWidth)}\r{text}");
        }
    }

    /// <summary>Replaces line breaks and control characters by spaces, because file names and responses are untrusted.</summary>
    public static string OneLine(string text) => string.Concat(text.Select(letter => char.IsControl(letter) ? ' ' : letter));
}
