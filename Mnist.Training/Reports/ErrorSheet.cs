using Mnist.Core.Imaging;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Training.Reports;

/// <summary>The misclassified digits, enlarged, each with its label and predicted class, as SVG.</summary>
internal static class ErrorSheet
{
    /// <summary>Largest number of digits that are shown.</summary>
    public const int MaxShown = 300;
    private const int Columns = 8;
    private const int Enlarged = 3 * DigitImage.Width;
    private const int CellWidth = Enlarged + 24;
    private const int CellHeight = Enlarged + 56;
    private const int Left = 24;
    private const int Top = 84;

    /// <summary>Draws the sheet.</summary>
    /// <param name="digits">The evaluated digits.</param>
    /// <param name="result">The result.</param>
    /// <param name="evaluatedOn">Name of the digits.</param>
    /// <param name="disputed">Indexes of digits with a disputed label.</param>
    public static string Draw(DigitDataset digits, EvaluationResult result, string evaluatedOn, IReadOnlySet<int> disputed)
    {
        Misclassification[] shown = [.. result.Errors.Take(MaxShown).OrderBy(error => error.Label).ThenBy(error => error.Class).ThenBy(error => error.Index)];
        int rows = (shown.Length + Columns - 1) / Columns;
        var svg = new Svg(Left + (Columns * CellWidth), Top + (rows * CellHeight) + 8);
        string first = shown.Length < result.Errors.Count ? $", the first {shown.Length} here" : string.Empty;
        svg.Text(Left, 36, $"{result.Errors.Count:N0} digits read wrong{first}", size: 20, bold: true);
        string legend = disputed.Count > 0 ? "; * marks a label that people dispute" : string.Empty;
        svg.Text(Left, 58, $"{evaluatedOn}. Label → what it was read as, and the digit's number{legend}.", size: 13, fill: Svg.Faint);
        foreach (var (i, error) in shown.Index())
        {
            double x = Left + (i % Columns * CellWidth);
            double y = Top + (i / Columns * CellHeight);
            string png = Convert.ToBase64String(DigitPng.Encode(digits.Image(error.Index)));
            svg.Add($"<image x=\"{x}\" y=\"{y}\" width=\"{Enlarged}\" height=\"{Enlarged}\" style=\"image-rendering:pixelated\" href=\"data:image/png;base64,{png}\"/>");
            string star = disputed.Contains(error.Index) ? "*" : string.Empty;
            svg.Text(x, y + Enlarged + 20, $"{error.Label}{star} → <tspan fill=\"{Svg.Red}\">{error.Class}</tspan>", size: 17, bold: true);
            svg.Text(x, y + Enlarged + 36, $"no. {error.Index}", size: 11, fill: Svg.Faint);
        }

        return svg.ToString();
    }
}
