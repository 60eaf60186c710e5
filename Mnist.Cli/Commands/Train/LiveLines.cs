using System.Globalization;
using Mnist.Training;
using Mnist.Training.Reports;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Mnist.Cli.Commands.Train;

/// <summary>The live lines of a training run on a terminal: progress bar, figures and a sparkline of the loss.</summary>
/// <param name="epochCount">Number of epochs of the run.</param>
/// <param name="epochs">The completed epochs.</param>
internal sealed class LiveLines(int epochCount, IReadOnlyList<EpochMetrics> epochs)
{
    private const int SparkWidth = 32;
    private const int SamplesPerEpoch = 64;
    private const int MaxBarWidth = 60;

    private readonly List<double> _losses = [];
    private double _sum;
    private int _sampled;

    public IReadOnlyList<EpochMetrics> Epochs { get; set; } = epochs;

    public TrainingProgress? Progress { get; set; }

    public TimeSpan TimeLeft { get; set; }

    /// <summary>Adds the mean loss since the last sample to the sparkline.</summary>
    public void Sample(TrainingProgress progress)
    {
        int every = Math.Max(1, progress.Steps / SamplesPerEpoch);
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

    /// <param name="width">Width of the terminal in characters.</param>
    public IRenderable Render(int width)
    {
        if (Progress is not { } progress)
        {
            return new Markup("[grey]starting[/]");
        }

        double done = (progress.Epoch - 1 + ((double)progress.Step / progress.Steps)) / epochCount;
        string doing = progress.Step == progress.Steps ? "evaluating" : string.Create(CultureInfo.InvariantCulture, $"step {progress.Step}/{progress.Steps}");
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

        lines.Add(new Markup("[grey]Ctrl+C stops the run and saves a checkpoint[/]"));
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

    /// <summary>The loss of the whole run on a logarithmic scale, so that late improvements are visible, too.</summary>
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
