using System.Globalization;

namespace Mnist.Training.Reports;

/// <summary>Training loss and, if there are validation images, validation accuracy by epoch, as SVG.</summary>
internal static class CurvesChart
{
    private const int Width = 760;
    private const int Left = 70;
    private const int Right = 150;
    private const int PanelHeight = 220;
    private const int PanelDistance = 320;
    private const int Top = 56;

    private static readonly double[] CoarseTicks = [1, 2, 5];
    private static readonly double[] FineTicks = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8];
    private static readonly int[] EpochSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500];

    /// <summary>Draws the chart.</summary>
    /// <param name="epochs">At least one.</param>
    /// <param name="validationCount">Number of validation images.</param>
    public static string Draw(IReadOnlyList<EpochMetrics> epochs, int validationCount)
    {
        bool validated = epochs[0].ValidationErrors is not null;
        var svg = new Svg(Width, validated ? Top + PanelDistance + PanelHeight + 60 : Top + PanelHeight + 60);
        Panel(svg, Top, "Training loss", [.. epochs.Select(epoch => (double)epoch.Loss)], value => value.ToString("0.0###", CultureInfo.InvariantCulture), Svg.Blue, lowOnTop: false);
        if (validated)
        {
            // The error rate on an inverted logarithmic scale: on a linear one, everything above 99 % is a flat line. Zero errors are drawn as half an error.
            double[] errors = [.. epochs.Select(epoch => Math.Max(epoch.ValidationErrors!.Value, 0.5) / validationCount)];
            Panel(svg, Top + PanelDistance, "Validation accuracy", errors, error => (1 - error).ToString("P2", CultureInfo.InvariantCulture), Svg.Red, lowOnTop: true);
        }

        return svg.ToString();
    }

    /// <summary>Draws one curve on a logarithmic scale.</summary>
    private static void Panel(Svg svg, double top, string title, double[] values, Func<double, string> format, string colour, bool lowOnTop)
    {
        double low = values.Min() / 1.15;
        double high = values.Max() * 1.15;
        double bottom = top + PanelHeight;
        double plotWidth = Width - Left - Right;
        double X(double epoch) => Left + (values.Length == 1 ? plotWidth / 2 : plotWidth * (epoch - 1) / (values.Length - 1));
        double Y(double value) => lowOnTop ? top + Distance(value) : bottom - Distance(value);
        double Distance(double value) => PanelHeight * Math.Log(value / low) / Math.Log(high / low);

        svg.Text(Left, top - 20, $"{title}", size: 16, bold: true);
        foreach (double tick in Ticks(low, high))
        {
            svg.Line(Left, Y(tick), Left + plotWidth, Y(tick), Svg.Grid);
            svg.Text(Left - 10, Y(tick) + 4, $"{format(tick)}", fill: Svg.Faint, anchor: "end");
        }

        int step = EpochStep(values.Length);
        for (int epoch = step == 1 ? 1 : step; epoch <= values.Length; epoch += step)
        {
            svg.Line(X(epoch), bottom, X(epoch), bottom + 5, Svg.Faint);
            svg.Text(X(epoch), bottom + 20, $"{epoch}", fill: Svg.Faint, anchor: "middle");
        }

        svg.Line(Left, bottom, Left + plotWidth, bottom, Svg.Faint);
        svg.Text(Left + (plotWidth / 2), bottom + 40, $"epoch", fill: Svg.Faint, anchor: "middle");
        var points = values.Select((value, i) => string.Create(CultureInfo.InvariantCulture, $"{X(i + 1):0.#},{Y(value):0.#}"));
        svg.Add($"<polyline points=\"{string.Join(' ', points)}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-linejoin=\"round\"/>");

        int best = Array.IndexOf(values, values.Min());
        Mark(svg, X(values.Length), Y(values[^1]), colour);
        svg.Text(X(values.Length) + 10, Y(values[^1]) + 4, $"{format(values[^1])}", size: 13, fill: colour, bold: true);
        if (best != values.Length - 1)
        {
            Mark(svg, X(best + 1), Y(values[best]), colour);
            svg.Text(X(best + 1), Y(values[best]) - 10, $"best {format(values[best])}", fill: colour, anchor: "middle");
        }
    }

    private static void Mark(Svg svg, double x, double y, string colour) => svg.Add($"<circle cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"4\" fill=\"{colour}\"/>");

    /// <summary>1, 2 and 5 times the powers of ten in the range; more ticks if that gives fewer than three.</summary>
    private static double[] Ticks(double low, double high)
    {
        double[] coarse = [.. Ticks(low, high, CoarseTicks)];
        return coarse.Length >= 3 ? coarse : [.. Ticks(low, high, FineTicks)];
    }

    private static IEnumerable<double> Ticks(double low, double high, double[] digits) =>
        from power in Enumerable.Range(-9, 12)
        from digit in digits
        let tick = digit * Math.Pow(10, power)
        where tick >= low && tick <= high
        select tick;

    private static int EpochStep(int epochs) => EpochSteps.FirstOrDefault(step => epochs / step <= 12, 1000);
}
