using System.Globalization;
using System.Text;

namespace Mnist.Training.Reports;

/// <summary>Builds an SVG document with a white background, so that it is legible on dark pages, too.</summary>
internal sealed class Svg
{
    public const string Ink = "#1f2937";
    public const string Faint = "#6b7280";
    public const string Grid = "#e5e7eb";
    public const string Blue = "#2563eb";
    public const string Red = "#dc2626";

    private readonly StringBuilder _text = new();

    public Svg(int width, int height)
    {
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"system-ui, 'DejaVu Sans', sans-serif\">");
        Rectangle(0, 0, width, height, "#ffffff");
    }

    /// <summary>Adds one line, formatted with the invariant culture.</summary>
    public void Add(FormattableString line) => _text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    public void Rectangle(double x, double y, double width, double height, string fill) =>
        Add($"<rect x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{width:0.##}\" height=\"{height:0.##}\" fill=\"{fill}\"/>");

    public void Line(double x1, double y1, double x2, double y2, string stroke) =>
        Add($"<line x1=\"{x1:0.##}\" y1=\"{y1:0.##}\" x2=\"{x2:0.##}\" y2=\"{y2:0.##}\" stroke=\"{stroke}\"/>");

    /// <summary>Adds a text.</summary>
    /// <param name="x">Position of the anchor.</param>
    /// <param name="y">Position of the base line.</param>
    /// <param name="text">The text; it is not escaped.</param>
    /// <param name="size">Font size.</param>
    /// <param name="fill">Colour.</param>
    /// <param name="anchor">start, middle or end.</param>
    /// <param name="bold">Whether the font is bold.</param>
    public void Text(double x, double y, FormattableString text, int size = 12, string fill = Ink, string anchor = "start", bool bold = false) =>
        Add($"<text x=\"{x:0.##}\" y=\"{y:0.##}\" font-size=\"{size}\" fill=\"{fill}\" text-anchor=\"{anchor}\" font-weight=\"{(bold ? 600 : 400)}\">{text.ToString(CultureInfo.InvariantCulture)}</text>");

    public override string ToString() => _text + "</svg>\n";
}
