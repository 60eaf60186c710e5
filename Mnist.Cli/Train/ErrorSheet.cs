using Mnist.Core.Imaging;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Cli.Train;

/// <summary>The digits that were read wrong, enlarged, each with its label and what it was taken for.</summary>
internal static class ErrorSheet
{
    public const int MaxShown = 300;
    private const int Columns = 8;
    private const int Enlarged = 3 * DigitDataset.ImageWidth;
    private const int CellWidth = Enlarged + 24;
    private const int CellHeight = Enlarged + 56;
    private const int Left = 24;
    private const int Top = 84;

    /// <param name="digits">What was evaluated.</param>
    /// <param name="result">How.</param>
    /// <param name="evaluatedOn">Its name.</param>
    /// <param name="disputed">Indexes of digits whose label people dispute.</param>
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
