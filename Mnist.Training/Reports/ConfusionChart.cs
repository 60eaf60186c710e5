using Mnist.Training.Evaluation;

namespace Mnist.Training.Reports;

/// <summary>The confusion matrix as an SVG table; cells with errors are coloured by their count.</summary>
internal static class ConfusionChart
{
    private const int Cell = 46;
    private const int Left = 80;
    private const int Top = 110;
    private const int Right = 90;

    public static string Draw(EvaluationResult result, string evaluatedOn)
    {
        int classes = result.Confusion.Count;
        int size = classes * Cell;
        var svg = new Svg(Left + size + Right, Top + size + 30);
        svg.Text(Left, 36, $"{result.Accuracy:P2} of {result.Count:N0}", size: 20, bold: true);
        svg.Text(Left, 58, $"{evaluatedOn}: {result.Errors.Count:N0} errors", size: 13, fill: Svg.Faint);
        svg.Text(Left + (size / 2.0), Top - 28, $"read as", fill: Svg.Faint, anchor: "middle");
        svg.Text(Left - 62, Top + (size / 2.0), $"label", fill: Svg.Faint);
        svg.Text(Left + size + 50, Top - 10, $"right", fill: Svg.Faint, anchor: "middle");
        int most = Math.Max(1, result.Confusion.Index().Max(row => row.Item.Where((_, read) => read != row.Index).Max()));
        foreach (var (label, row) in result.Confusion.Index())
        {
            double middle = Top + ((label + 0.5) * Cell) + 5;
            svg.Text(Left + ((label + 0.5) * Cell), Top - 10, $"{label}", size: 15, anchor: "middle", bold: true);
            svg.Text(Left - 16, middle, $"{label}", size: 15, anchor: "middle", bold: true);
            foreach (var (read, count) in row.Index())
            {
                // A square-root scale, so that a cell with one error stands out from an empty one.
                double intensity = Math.Sqrt(count / (double)most);
                string fill = read == label ? "#dbeafe" : count == 0 ? "#f9fafb" : $"rgb(255,{(int)(225 - (140 * intensity))},{(int)(190 - (150 * intensity))})";
                svg.Rectangle(Left + (read * Cell) + 1, Top + (label * Cell) + 1, Cell - 2, Cell - 2, fill);
                if (count > 0)
                {
                    svg.Text(Left + ((read + 0.5) * Cell), middle, $"{count}", size: 13, anchor: "middle", bold: read != label);
                }
            }

            if (row.Sum() > 0)
            {
                svg.Text(Left + size + 50, middle, $"{row[label] / (double)row.Sum():P1}", size: 13, fill: Svg.Faint, anchor: "middle");
            }
        }

        return svg.ToString();
    }
}
