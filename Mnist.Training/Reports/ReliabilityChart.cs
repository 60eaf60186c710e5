using System.Globalization;
using Mnist.Training.Evaluation;

namespace Mnist.Training.Reports;

/// <summary>
/// Reliability diagram (accuracy by confidence) as SVG. Because nearly all confidences are close to 1, a second chart compares expected and actual errors
/// there.
/// </summary>
internal static class ReliabilityChart
{
    private const int Left = 70;
    private const int Top = 110;
    private const int Side = 420;
    private const int SecondLeft = Left + Side + 110;
    private const int Group = 80;
    private const int Bottom = Top + Side;

    public static string Draw(Calibration calibration, string evaluatedOn)
    {
        var svg = new Svg(SecondLeft + (calibration.Nines.Count * Group) + 30, Bottom + 90);
        svg.Text(Left, 36, $"{calibration.ExpectedCalibrationError:P2} expected calibration error", size: 20, bold: true);
        svg.Text(Left, 58, $"{evaluatedOn}: mean confidence {calibration.MeanConfidence:P2}, negative log-likelihood {calibration.NegativeLogLikelihood:F4}, Brier score {calibration.BrierScore:F4}", size: 13, fill: Svg.Faint);
        DrawBins(svg, calibration.Bins);
        DrawNines(svg, calibration.Nines);
        return svg.ToString();
    }

    private static void DrawBins(Svg svg, IReadOnlyList<ConfidenceBin> bins)
    {
        double X(double confidence) => Left + (confidence * Side);
        double Y(double share) => Bottom - (share * Side);

        svg.Text(Left, Top - 16, $"Right answers", size: 14, bold: true);
        foreach (double tick in new[] { 0, 0.2, 0.4, 0.6, 0.8, 1 })
        {
            svg.Line(Left, Y(tick), Left + Side, Y(tick), Svg.Grid);
            svg.Text(Left - 10, Y(tick) + 4, $"{tick:P0}", fill: Svg.Faint, anchor: "end");
            svg.Text(X(tick), Bottom + 36, $"{tick:P0}", fill: Svg.Faint, anchor: "middle");
        }

        foreach (var bin in bins.Where(bin => bin.Count > 0))
        {
            double accuracy = 1 - (bin.Errors / (double)bin.Count);
            double confidence = 1 - (bin.ExpectedErrors / bin.Count);
            double middle = X((bin.From + bin.To) / 2);
            svg.Rectangle(X(bin.From) + 1, Y(accuracy), X(bin.To) - X(bin.From) - 2, Y(0) - Y(accuracy), "#bfdbfe");

            // One standard deviation around the mean confidence: the expected spread for a calibrated network.
            double deviation = Math.Sqrt(confidence * (1 - confidence) / bin.Count);
            svg.Line(middle, Y(Math.Max(0, confidence - deviation)), middle, Y(Math.Min(1, confidence + deviation)), Svg.Red);
            svg.Line(middle - 6, Y(confidence), middle + 6, Y(confidence), Svg.Red);
            svg.Text(middle, Bottom + 16, $"{bin.Count}", size: 10, anchor: "middle");
        }

        svg.Line(X(0), Y(0), X(1), Y(1), Svg.Faint);
        svg.Line(Left, Bottom, Left + Side, Bottom, Svg.Faint);
        svg.Text(Left + (Side / 2), Bottom + 60, $"confidence (red: its mean ± what chance does); above it the number of digits", fill: Svg.Faint, anchor: "middle");
    }

    private static void DrawNines(Svg svg, IReadOnlyList<ConfidenceBin> bins)
    {
        double most = Math.Max(1, bins.Max(bin => Math.Max(bin.Errors, bin.ExpectedErrors)));
        double Y(double errors) => Bottom - (errors / most * (Side - 20));

        svg.Text(SecondLeft, Top - 16, $"Errors <tspan fill=\"{Svg.Red}\">expected by the network</tspan> and <tspan fill=\"{Svg.Blue}\">made</tspan>", size: 14, bold: true);
        foreach (var (i, bin) in bins.Index())
        {
            double left = SecondLeft + (i * Group);
            double middle = left + (Group / 2.0);
            svg.Rectangle(left + 10, Y(bin.ExpectedErrors), 28, Bottom - Y(bin.ExpectedErrors), Svg.Red);
            svg.Text(left + 24, Y(bin.ExpectedErrors) - 6, $"{bin.ExpectedErrors:0.0}", fill: Svg.Red, anchor: "middle");
            svg.Rectangle(left + 42, Y(bin.Errors), 28, Bottom - Y(bin.Errors), Svg.Blue);
            svg.Text(left + 56, Y(bin.Errors) - 6, $"{bin.Errors}", fill: Svg.Blue, anchor: "middle");
            svg.Text(middle, Bottom + 16, $"{bin.Count:N0}", size: 10, anchor: "middle");
            svg.Text(middle, Bottom + 36, $"{(i == 0 ? "up to " : "to ")}{Percent(bin.To)}", fill: Svg.Faint, anchor: "middle");
        }

        svg.Line(SecondLeft, Bottom, SecondLeft + (bins.Count * Group), Bottom, Svg.Faint);
        svg.Text(SecondLeft + (bins.Count * Group / 2), Bottom + 60, $"confidence; above it the number of digits", fill: Svg.Faint, anchor: "middle");
    }

    private static string Percent(double share) => (100 * share).ToString("0.###", CultureInfo.InvariantCulture) + " %";
}
