using System.CommandLine;
using System.CommandLine.Parsing;
using Mnist.Cli.Shared;
using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;
using Mnist.Training.Reports;

namespace Mnist.Cli.Commands.Evaluate;

/// <summary>The options of <c>mnist evaluate</c> for simulated photos and lines, and their measurements.</summary>
internal sealed class SimulationOptions
{
    private const int MaxLength = 10;

    private readonly Option<bool> _photos = new("--simulated-photos") { Description = "Also measure the accuracy on simulated photos, one per digit." };
    private readonly Option<string?> _photoSheet = new("--photo-sheet")
    {
        Description = "Write examples of the simulated photos with the network's input as one PNG file, misread ones first.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _lines = new("--simulated-lines") { Description = "Also measure the accuracy on simulated photos of lines of digits." };
    private readonly Option<IReadOnlyList<int>?> _lineLengths =
        NumberListOption.Create("--line-length", $"Digits per line, such as 5 or 2,4. Default: 1:{MaxLength}.", "whole numbers", 1, MaxLength);

    private readonly Option<int> _lineCount = new("--line-count")
    {
        Description = $"Lines of each length; of {SimulatedLines.MainLength} digits, four times as many.",
        HelpName = "NUMBER",
        DefaultValueFactory = _ => 500,
    };

    private readonly Option<string?> _misreadLines = new("--misread-lines")
    {
        Description = "Write the simulated lines that are not read correctly to this folder. Their names have the digits and the reading.",
        HelpName = "DIR",
    };

    private readonly Option<int> _seed = new("--seed") { Description = "Seed of the simulated photos and lines.", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _photos, _photoSheet, _lines, _lineLengths, _lineCount, _misreadLines, _seed })
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.IsGiven(_photoSheet) && !result.GetValue(_photos))
            {
                result.AddError("--photo-sheet requires --simulated-photos.");
            }
            else if (new Option[] { _lineLengths, _lineCount, _misreadLines }.FirstOrDefault(result.IsGiven) is { } option && !result.GetValue(_lines))
            {
                result.AddError($"{option.Name} requires --simulated-lines.");
            }
            else if (result.IsGiven(_lineCount) && result.GetValue(_lineCount) < 1)
            {
                result.AddError($"--line-count is {result.GetValue(_lineCount)}, expected at least 1.");
            }
        });
    }

    /// <summary>Whether the command line has one of the measurements.</summary>
    public bool IsGiven(SymbolResult result) => result.IsGiven(_photos) || result.IsGiven(_lines);

    /// <summary>Measures simulated photos; null if the command line does not request it.</summary>
    /// <exception cref="CommandException">The network has no OOD detector.</exception>
    public async Task<SimulatedPhotos?> MeasurePhotosAsync(ParseResult parsed, Network network, DigitDataset digits, CancellationToken cancellationToken)
    {
        if (!parsed.GetValue(_photos))
        {
            return null;
        }

        if (network.OodDetector is null)
        {
            throw new CommandException(ExitCode.Failure, "The weights file has no OOD detector, which --simulated-photos needs. Add one with 'mnist reject --train'.");
        }

        var photos = await Terminal.WithProgressAsync(parsed.InvocationConfiguration.Error, "photos", report => Task.Run(
            () => SimulatedPhotos.Measure(network, digits, parsed.GetValue(_seed), report, cancellationToken), cancellationToken));
        if (parsed.GetValue(_photoSheet) is { } path)
        {
            AtomicFile.Write(path, ContactSheet.Draw([.. photos.Digits, .. photos.Others]), overwrite: true);
        }

        return photos;
    }

    /// <summary>Measures simulated lines; null if the command line does not request it.</summary>
    public async Task<IReadOnlyList<LineResult>?> MeasureLinesAsync(ParseResult parsed, string weights, DigitDataset digits, CancellationToken cancellationToken) =>
        !parsed.GetValue(_lines)
            ? null
            : await Terminal.WithProgressAsync(parsed.InvocationConfiguration.Error, "lines", report => SimulatedLines.MeasureAsync(
                weights, digits, parsed.GetValue(_lineLengths) ?? [.. Enumerable.Range(1, MaxLength)], parsed.GetValue(_lineCount), parsed.GetValue(_seed),
                parsed.GetValue(_misreadLines), report, cancellationToken));
}
