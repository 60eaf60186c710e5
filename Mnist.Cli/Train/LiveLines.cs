using System.Globalization;
using Mnist.Training;
using Mnist.Training.Reports;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Mnist.Cli.Train;

/// <summary>The lines of a run that live on a terminal: bar, figures, and the loss as a row of blocks.</summary>
/// <param name="epochCount">Epochs of the run.</param>
/// <param name="epochs">Those that are complete.</param>
internal sealed class LiveLines(int epochCount, IReadOnlyList<EpochMetrics> epochs)
{
    private const int SparkWidth = 32;
    private const int SamplesAnEpoch = 64;
    private const int MaxBarWidth = 60;

    private readonly List<double> _losses = [];
    private double _sum;
    private int _sampled;

    public IReadOnlyList<EpochMetrics> Epochs { get; set; } = epochs;

    public TrainingProgress? Progress { get; set; }

    public TimeSpan TimeLeft { get; set; }

    /// <summary>Takes the loss of the steps since the last sample into the row of blocks.</summary>
    public void Sample(TrainingProgress progress)
    {
        int every = Math.Max(1, progress.Steps / SamplesAnEpoch);
        if (progress.Step < _sampled)
        {
            (_sum, _sampled) = (0, 0);
        }

        if (progress.Step - _sampled >= every)
        {
            double sum = progress.Loss * progress.Step;
            _losses.Add((sum - _sum) / (progress.Step - _sampled));
            (_sum, _sampled) = (sum, progress.Step);
        }
    }

    /// <param name="width">Of the terminal, in characters.</param>
    public IRenderable Render(int width)
    {
        if (Progress is not { } progress)
        {
            return new Markup("[grey]starting[/]");
        }

        double done = (progress.Epoch - 1 + ((double)progress.Step / progress.Steps)) / epochCount;
        string doing = progress.Step == progress.Steps ? "measuring" : string.Create(CultureInfo.InvariantCulture, $"step {progress.Step}/{progress.Steps}");
        var lines = new List<IRenderable>
        {
            new Markup(string.Create(
                CultureInfo.InvariantCulture,
                $"{Bar(done, Math.Clamp(width - 46, 10, MaxBarWidth))} [bold]{Math.Floor(100 * done),3:0} %[/]  epoch {progress.Epoch}/{epochCount}  [grey]{doing}[/]")),
            new Markup(string.Create(
                CultureInfo.InvariantCulture,
                $"[bold]{Duration.Format(TimeLeft)}[/] left  {progress.ImagesPerSecond:N0} images/s")),
            new Markup(string.Create(CultureInfo.InvariantCulture, $"loss [bold]{progress.Loss:F4}[/] [blue]{Spark()}[/]")),
        };
        if (Validation() is { } validation)
        {
            lines.Add(new Markup(validation));
        }

        lines.Add(new Markup("[grey]Ctrl+C stops; nothing is lost[/]"));
        return new Rows(lines);
    }

    private static string Bar(double done, int width)
    {
        int full = (int)(done * width);
        return $"[green]{new string('━', full)}[/][grey]{new string('━', width - full)}[/]";
    }

    private string? Validation()
    {
        if (Epochs is not [.., { ValidationErrors: { } last }])
        {
            return null;
        }

        var (index, best) = Epochs.Index().MinBy(epoch => epoch.Item.ValidationErrors ?? int.MaxValue);
        return $"validation [bold]{last}[/] errors [grey](best {best.ValidationErrors}, epoch {index + 1})[/]";
    }

    /// <summary>The whole run in one row, logarithmic: a loss falls by the same factor in the first minute and in the last hour.</summary>
    private string Spark()
    {
        const string Blocks = "▁▂▃▄▅▆▇█";
        int perBlock = Math.Max(1, (_losses.Count + SparkWidth - 1) / SparkWidth);
        double[] values = [.. _losses.Chunk(perBlock).Select(chunk => Math.Log(Math.Max(chunk.Average(), 1e-9)))];
        if (values.Length < 2)
        {
            return string.Empty;
        }

        double low = values.Min();
        double range = Math.Max(values.Max() - low, 1e-9);
        return string.Concat(values.Select(value => Blocks[(int)((value - low) / range * (Blocks.Length - 1))]));
    }
}
