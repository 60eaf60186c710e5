using System.Globalization;
using System.Text.Json.Nodes;
using Mnist.Cli.Shared;
using Mnist.Inference;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;
using Mnist.Training.Synthesis.Photos;
using Spectre.Console;

namespace Mnist.Cli.Commands.Evaluate;

/// <summary>The accuracy on simulated photos.</summary>
/// <param name="Digits">Photos of one digit, by simulation.</param>
/// <param name="Others">Photos of no digit or of two, which should be rejected, by simulation.</param>
internal sealed record SimulatedPhotos(IReadOnlyList<PhotoResult> Digits, IReadOnlyList<PhotoResult> Others)
{
    /// <summary>Every 14th digit is used in a photo that should be rejected, too.</summary>
    private const int DigitsPerOther = 14;

    /// <summary>Simulates photos, normalises them as the service does, and classifies them.</summary>
    /// <param name="network">A network with an OOD detector.</param>
    /// <param name="digits">The digits; the simulations take them in turn, so that each is photographed once.</param>
    /// <param name="seed">Seed of the simulations.</param>
    /// <param name="progress">Called with the fraction done, 0 to 1.</param>
    /// <param name="cancellationToken">Cancels between two simulations.</param>
    public static SimulatedPhotos Measure(Network network, DigitDataset digits, int seed, Action<double> progress, CancellationToken cancellationToken)
    {
        int total = PhotoSimulation.All.Count + PhotoSimulation.ToReject.Count;
        int done = 0;
        return new SimulatedPhotos(Run(PhotoSimulation.All, step: 1), Run(PhotoSimulation.ToReject, DigitsPerOther));

        // A small set has no digits for some simulations.
        PhotoResult[] Run(IReadOnlyList<PhotoSimulation> simulations, int step) =>
            [.. simulations.Take((digits.Count + step - 1) / step).Select((simulation, index) =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                var chosen = digits.Select([.. Enumerable.Range(0, digits.Count).Where(i => i % step == 0 && i / step % simulations.Count == index)]);
                var result = PhotoEvaluation.Run(simulation, network, chosen, seed);
                progress(++done / (double)total);
                return result;
            })];
    }

    public void Write(IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("simulated photo");
        table.AddRightAlignedColumns("digits", "without photo", "accuracy", "relative", "rejected");
        foreach (var result in Digits.Append(PhotoResult.Total(Digits)))
        {
            table.AddRow(
                result.Name, Count(result.Digits), ReportTable.Percent(result.CleanAccuracy), ReportTable.Percent(result.Accuracy),
                ReportTable.Percent(result.Accuracy / result.CleanAccuracy), ReportTable.Percent(result.RejectedShare));
        }

        console.Write(table);
        table = new Table().Border(TableBorder.Simple).AddColumn("photo to be rejected");
        table.AddRightAlignedColumns("photos", "rejected", "accepted by the OOD detector, too").AddColumn("reasons");
        foreach (var result in Others)
        {
            string reasons = string.Join(", ", result.Rejected.OrderByDescending(reason => reason.Value).Select(reason => $"{reason.Value} {reason.Key}"));
            table.AddRow(result.Name, Count(result.Digits), ReportTable.Percent(result.RejectedShare), Count(result.TakenForDigits), reasons);
        }

        console.Write(table);
    }

    public JsonObject ToJson() => new()
    {
        ["all"] = PhotoResult.Total(Digits).ToJson(),
        ["simulations"] = new JsonArray([.. Digits.Select(result => result.ToJson())]),
        ["toReject"] = new JsonArray([.. Others.Select(result => result.ToJson())]),
    };

    private static string Count(int value) => value.ToString(CultureInfo.InvariantCulture);
}
