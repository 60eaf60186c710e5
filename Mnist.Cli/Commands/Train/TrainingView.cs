using System.Diagnostics;
using System.Globalization;
using Mnist.Cli.Shared;
using Mnist.Training;
using Mnist.Training.Reports;
using Spectre.Console;

namespace Mnist.Cli.Commands.Train;

/// <summary>Shows a training run: one line per epoch and, on a terminal, live lines below.</summary>
internal sealed class TrainingView
{
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(0.1);

    private readonly int _epochs;
    private readonly Action<string> _log;
    private readonly LiveLines? _lines;
    private readonly IAnsiConsole? _console;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Pace _pace = new();
    private LiveDisplayContext? _live;
    private TimeSpan _refreshed;

    /// <param name="start">The run at its start.</param>
    /// <param name="output">Receives one line per epoch.</param>
    /// <param name="error">Shows the live lines, if it is a terminal.</param>
    public TrainingView(Checkpoint start, TextWriter output, TextWriter error)
    {
        _epochs = start.Options.Epochs;
        _log = output.WriteLine;
        if (Terminal.Is(error))
        {
            _console = Terminal.Open(error);
            _lines = new LiveLines(_epochs, start.Epochs);

            // If both are terminals, Spectre must write the lines, because it moves the live lines down.
            // They overwrite the live lines, so they are padded to whole rows.
            _log = Terminal.Is(output) ? line => _console.WriteLine(FillRows(line, _console.Profile.Width)) : _log;
        }

        var architecture = start.Options.Architecture;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{architecture.ParameterCount:N0} parameters, {architecture.MultiplyAdds:N0} multiply-adds per image"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{start.ImageCount:N0} images, {_epochs} epochs, seed {start.Options.Seed}, {start.Options.Threads} threads{(start.Validation ? "; errors are those on the validation images" : "")}"));
        if (start.State.StepCount > 0)
        {
            string step = start.State.EpochStep > 0 ? $" and step {start.State.EpochStep} of the next one" : string.Empty;
            output.WriteLine($"resuming after epoch {start.Epochs.Count}{step}");
        }
    }

    public T Run<T>(Func<T> work) => _console is null
        ? work()
        : _console.Live(_lines!.Render(_console.Profile.Width)).AutoClear(true).Start(live =>
        {
            _live = live;
            return work();
        });

    public void Show(TrainingProgress progress)
    {
        double done = progress.Epoch - 1 + ((double)progress.Step / progress.Steps);
        _pace.Tick(done, _clock.Elapsed);
        if (_live is not null && (_clock.Elapsed - _refreshed >= RefreshInterval || progress.Step == progress.Steps))
        {
            _lines!.Progress = progress;
            _lines.TimeLeft = _pace.Left(_epochs);
            Refresh();
        }

        _lines?.Sample(progress);
    }

    public void ShowEpoch(Checkpoint run)
    {
        var metrics = run.Epochs[^1];
        _pace.Tick(run.Epochs.Count, _clock.Elapsed);
        string errors = metrics.ValidationErrors is { } count ? $"  errors {count,4}" : string.Empty;
        string left = run.Epochs.Count < _epochs ? $"{Duration.Format(_pace.Left(_epochs))} left" : $"{Duration.Format(run.TrainingTime)} in total";
        _log(string.Create(
            CultureInfo.InvariantCulture,
            $"epoch {run.Epochs.Count.ToString(CultureInfo.InvariantCulture).PadLeft($"{_epochs}".Length)}/{_epochs}  loss {metrics.Loss:F4}{errors}  {metrics.ImagesPerSecond,6:N0} images/s  {left}"));
        if (_lines is not null)
        {
            _lines.Epochs = run.Epochs;
            _lines.TimeLeft = _pace.Left(_epochs);
            Refresh();
        }
    }

    private static string FillRows(string line, int width) => line.PadRight((((line.Length / width) + 1) * width) - 1);

    private void Refresh()
    {
        _refreshed = _clock.Elapsed;
        _live?.UpdateTarget(_lines!.Render(_console!.Profile.Width));
    }

    /// <summary>Speed in epochs per second since the start or resumption of the run.</summary>
    private sealed class Pace
    {
        private double? _first;
        private TimeSpan _started;
        private double _done;
        private TimeSpan _now;

        public void Tick(double done, TimeSpan now)
        {
            // Excludes the first step, which includes JIT compilation.
            if (_first is null)
            {
                (_first, _started) = (done, now);
            }

            (_done, _now) = (done, now);
        }

        public TimeSpan Left(int epochs) =>
            _done > _first ? (_now - _started) * ((epochs - _done) / (_done - _first.Value)) : TimeSpan.Zero;
    }
}
