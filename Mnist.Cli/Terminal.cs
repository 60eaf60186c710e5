using Spectre.Console;

namespace Mnist.Cli;

/// <summary>Colour, animation and line breaks only where a person looks: never in a file, a pipe, or with NO_COLOR.</summary>
internal static class Terminal
{
    /// <summary>No table may wrap its lines in a file because of a width that only a terminal has.</summary>
    private const int EndlessWidth = 1_000_000;

    private const int StatusWidth = 60;

    public static bool Is(TextWriter writer)
        => ((ReferenceEquals(writer, Console.Out) && !Console.IsOutputRedirected) || (ReferenceEquals(writer, Console.Error) && !Console.IsErrorRedirected))
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>A console for tables that writes to <paramref name="writer"/>.</summary>
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
            console.Profile.Width = EndlessWidth;
        }

        return console;
    }

    /// <summary>Runs work that reports which fraction of it is done, 0 to 1, with a progress bar if <paramref name="writer"/> is a terminal.</summary>
    public static Task<T> WithProgressAsync<T>(TextWriter writer, string title, Func<Action<double>, Task<T>> work)
        => !Is(writer)
            ? work(_ => { })
            : Open(writer).Progress().AutoClear(true).StartAsync(progress =>
            {
                var task = progress.AddTask(Markup.Escape(title), maxValue: 1);
                return work(done => task.Value = done);
            });

    /// <summary>Shows what is being done, on a line that the next call takes away; only if <paramref name="writer"/> is a terminal.</summary>
    public static void ShowStatus(TextWriter writer, string text)
    {
        if (Is(writer))
        {
            writer.Write($"\r{new string(' ', StatusWidth)}\r{text}");
        }
    }

    /// <summary>Text from a file name or a server on one line and without control characters, which a terminal would obey.</summary>
    public static string OneLine(string text) => string.Concat(text.Select(letter => char.IsControl(letter) ? ' ' : letter));
}
