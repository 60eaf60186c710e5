using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Mnist.Cli.Shared;
using Mnist.Inference.Plan;
using Mnist.Training.Evaluation;
using Spectre.Console;

namespace Mnist.Cli.Commands.Evaluate;

/// <summary>The results of <c>mnist evaluate</c>, as tables or as JSON.</summary>
/// <param name="Network">The weights file, or the service's address.</param>
/// <param name="Digits">Name of the data set.</param>
/// <param name="Result">Accuracy, calibration and errors.</param>
/// <param name="IsMnistTest">Whether the data set is the MNIST test set, whose halves and disputed labels are known.</param>
/// <param name="Elapsed">Time to classify all digits.</param>
/// <param name="Cost">The cost of a cascade in this process; null otherwise.</param>
/// <param name="Corruptions">The accuracy on corrupted digits, if requested.</param>
/// <param name="Photos">The accuracy on simulated photos, if requested.</param>
/// <param name="Lines">The accuracy on simulated lines, if requested.</param>
/// <param name="Plans">The plan of the network, or of each network of a cascade, if requested.</param>
internal sealed record EvaluationReport(
    string Network,
    string Digits,
    EvaluationResult Result,
    bool IsMnistTest,
    TimeSpan Elapsed,
    CascadeCost? Cost,
    IReadOnlyList<CorruptionResult>? Corruptions,
    SimulatedPhotos? Photos,
    IReadOnlyList<LineResult>? Lines,
    IReadOnlyList<IReadOnlyList<PlannedStep>>? Plans)
{
    private const int MaxErrorsListed = 200;

    private double ImagesPerSecond => Result.Count / Elapsed.TotalSeconds;

    private MnistTestErrors? TestErrors => IsMnistTest ? MnistTestErrors.Of(Result) : null;

    public void WriteTable(TextWriter output)
    {
        var console = Terminal.Open(output);
        console.WriteLine(Terminal.OneLine($"{Digits}, by {Network}"));
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"accuracy     {100 * Result.Accuracy:0.00} % ± {100 * Result.StandardError:0.00} (standard error), {Result.Errors.Count} errors in {Result.Count}, {ImagesPerSecond:0} images/s"));
        if (TestErrors is { } errors)
        {
            console.WriteLine($"             {errors.FirstHalf} in the first half (students), {errors.SecondHalf} in the second (employees), "
                + $"{errors.OutsideDisputed} outside the {EvaluationResult.DisputedTestLabels.Count} disputed labels");
        }

        if (Cost is not null)
        {
            console.WriteLine($"cascade      {Cost}");
        }

        var calibration = Result.Calibration;
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"calibration  expected calibration error {100 * calibration.ExpectedCalibrationError:0.00} % (15 bins), mean confidence {100 * calibration.MeanConfidence:0.00} %, "
            + $"negative log-likelihood {calibration.NegativeLogLikelihood:0.0000}, Brier score {calibration.BrierScore:0.0000}"));
        console.Write(ConfusionTable());
        if (Result.Errors.Count > 0)
        {
            string more = Result.Errors.Count > MaxErrorsListed ? $" and {Result.Errors.Count - MaxErrorsListed} more (--json lists all)" : "";
            console.WriteLine("errors as index:label>class  "
                + string.Join(' ', Result.Errors.Take(MaxErrorsListed).Select(error => $"{error.Index}:{error.Label}>{error.Class}")) + more);
        }

        if (Corruptions is not null)
        {
            console.Write(CorruptionTable(Corruptions));
        }

        Photos?.Write(console);
        if (Lines is not null)
        {
            SimulatedLines.Write(Lines, console);
        }

        if (Plans is not null)
        {
            PlanTable.Write(Plans, console);
        }
    }

    public void WriteJson(TextWriter output) => output.WriteLine(JsonSerializer.Serialize(
        new JsonEvaluation(
            Network, Digits, Result.Count, Result.Accuracy, Result.StandardError, Math.Round(ImagesPerSecond), Result.Errors, TestErrors, Result.Calibration, Result.Confusion,
            Cost, Corruptions, Photos?.ToJson(), Lines, Plans),
        EvaluationJson.Default.JsonEvaluation));

    private Table ConfusionTable()
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("label");
        foreach (int digit in Enumerable.Range(0, Result.Confusion.Count))
        {
            table.AddColumn(new TableColumn($"as {digit}").RightAligned());
        }

        foreach (var (label, row) in Result.Confusion.Index())
        {
            table.AddRow([$"{label}", .. row.Select((count, digit) => (count, digit) switch
            {
                (0, _) => ".",
                _ when digit == label => $"{count}",
                _ => $"[yellow]{count}[/]",
            })]);
        }

        return table;
    }

    private Table CorruptionTable(IReadOnlyList<CorruptionResult> corruptions)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("corruption", "strength");
        table.AddRightAlignedColumns("accuracy", "points lost", "worst direction");
        foreach (var result in corruptions)
        {
            table.AddRow(
                result.Name, result.Strength, ReportTable.Percent(result.Accuracy), Points(Result.Accuracy - result.Accuracy),
                result.WorstAccuracy is { } worst ? Points(Result.Accuracy - worst) : "");
        }

        return table;

        static string Points(double share) => (100 * share).ToString("0.00", CultureInfo.InvariantCulture);
    }
}

internal sealed record JsonEvaluation(
    string Network,
    string Digits,
    int Count,
    double Accuracy,
    double StandardError,
    double ImagesPerSecond,
    IReadOnlyList<Misclassification> Errors,
    MnistTestErrors? MnistTestErrors,
    Calibration Calibration,
    IReadOnlyList<int[]> Confusion,
    CascadeCost? Cascade,
    IReadOnlyList<CorruptionResult>? Corruptions,
    JsonObject? SimulatedPhotos,
    IReadOnlyList<LineResult>? SimulatedLines,
    IReadOnlyList<IReadOnlyList<PlannedStep>>? Plans);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JsonEvaluation))]
internal sealed partial class EvaluationJson : JsonSerializerContext;
