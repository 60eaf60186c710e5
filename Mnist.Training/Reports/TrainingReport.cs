using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mnist.Core.Imaging;
using Mnist.Inference.Model;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Training.Reports;

/// <summary>The report of a finished run: charts and an HTML page for people, JSON for programs.</summary>
/// <param name="Run">The last checkpoint.</param>
/// <param name="Digits">The evaluated digits.</param>
/// <param name="EvaluatedOn">Name of the digits.</param>
/// <param name="Result">The evaluation.</param>
/// <param name="Sha256">SHA-256 of the weights file.</param>
public sealed record TrainingReport(Checkpoint Run, DigitDataset Digits, string EvaluatedOn, EvaluationResult Result, string Sha256)
{
    /// <summary>File name of the HTML page.</summary>
    public const string PageName = "index.html";

    /// <summary>Writes the report into a folder.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        IReadOnlySet<int> disputed = EvaluatedOn == ModelCard.MnistTestSet ? EvaluationResult.DisputedTestLabels : new HashSet<int>();
        string curves = CurvesChart.Draw(Run.Epochs, Digits.Count);
        string confusion = ConfusionChart.Draw(Result, EvaluatedOn);
        string reliability = ReliabilityChart.Draw(Result.Calibration, EvaluatedOn);
        string errors = ErrorSheet.Draw(Digits, Result, EvaluatedOn, disputed);
        Save("curves.svg", curves);
        Save("confusion.svg", confusion);
        Save("reliability.svg", reliability);
        Save("errors.svg", errors);
        WriteErrors(Path.Combine(folder, "errors"));
        Save("metrics.json", JsonSerializer.Serialize(Metrics(), TrainingReportJson.Default.JsonTraining) + "\n");
        Save(
            PageName,
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <meta charset="utf-8">
            <title>Training report</title>
            <body style="display:flex;flex-wrap:wrap;gap:24px;margin:24px;background:#f3f4f6;font-family:system-ui,sans-serif">
            <p style="width:100%;margin:0"><code>{WebUtility.HtmlEncode(Run.Command)}</code> ({Duration.Format(Run.TrainingTime)}; <a href="metrics.json">all figures</a>)</p>
            <div>{confusion}</div>
            <div>{curves}</div>
            <div>{reliability}</div>
            <div>{errors}</div>
            </body>
            </html>

            """);

        void Save(string name, string text) => AtomicFile.Write(Path.Combine(folder, name), Encoding.UTF8.GetBytes(text), overwrite: true);
    }

    /// <summary>Writes each misclassified digit as a PNG file, named by index, label and predicted class.</summary>
    private void WriteErrors(string folder)
    {
        if (Directory.Exists(folder))
        {
            // It belongs to an earlier run.
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        foreach (var error in Result.Errors.Take(ErrorSheet.MaxShown))
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{error.Index:00000}-{error.Label}-as-{error.Class}.png");
            AtomicFile.Write(Path.Combine(folder, name), DigitPng.Encode(Digits.Image(error.Index)), overwrite: true);
        }
    }

    private JsonTraining Metrics() => new(
        Run.Command,
        Run.Options,
        Run.ImageCount,
        Run.DataSha256,
        Run.TrainingTime.TotalSeconds,
        Run.Epochs,
        new JsonFinal(EvaluatedOn, Result.Count, Result.Accuracy, Result.StandardError, Result.Errors, Result.Calibration, Result.Confusion),
        Sha256);
}

internal sealed record JsonTraining(
    string Command,
    TrainingOptions Options,
    int TrainingImages,
    string DataSha256,
    double TrainingSeconds,
    IReadOnlyList<EpochMetrics> Epochs,
    JsonFinal Evaluation,
    string WeightsSha256);

internal sealed record JsonFinal(
    string EvaluatedOn, int Count, double Accuracy, double StandardError, IReadOnlyList<Misclassification> Errors, Calibration Calibration, IReadOnlyList<int[]> Confusion);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true,
    Converters = [typeof(ArchitectureConverter)])]
[JsonSerializable(typeof(JsonTraining))]
internal sealed partial class TrainingReportJson : JsonSerializerContext;
