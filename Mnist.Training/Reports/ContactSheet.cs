using Mnist.Core.Imaging;
using Mnist.Training.Evaluation;
using SkiaSharp;

namespace Mnist.Training.Reports;

/// <summary>One image with the example photos of several simulations, each with the box of the digit and its normalised 28x28 image.</summary>
internal static class ContactSheet
{
    private const int Columns = 8;
    private const int CellWidth = 160;
    private const int CellHeight = 120;
    private const int Preview = 2 * DigitImage.Width;

    /// <summary>A PNG file with one row of examples for each result.</summary>
    public static byte[] Draw(IReadOnlyList<PhotoResult> results)
    {
        using var bitmap = new SKBitmap(Columns * (CellWidth + Preview), results.Count * CellHeight);
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.Gray);
        foreach (var (row, result) in results.Index())
        {
            foreach (var (column, answer) in result.Examples.Index())
            {
                Draw(canvas, answer, column * (CellWidth + Preview), row * CellHeight);
            }
        }

        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    private static void Draw(SKCanvas canvas, PhotoAnswer answer, float left, float top)
    {
        using var photo = SKImage.FromEncodedData(answer.File);
        float scale = Math.Min((float)CellWidth / photo.Width, (float)CellHeight / photo.Height);
        canvas.DrawImage(photo, SKRect.Create(left, top, photo.Width * scale, photo.Height * scale), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        using var frame = new SKPaint { Color = answer.IsRight ? SKColors.LimeGreen : SKColors.Red, Style = SKPaintStyle.Stroke };
        if (answer.Digit is not { } digit)
        {
            canvas.DrawRect(left + CellWidth, top, Preview, Preview, frame);
            return;
        }

        using var preview = SKImage.FromPixelCopy(new SKImageInfo(DigitImage.Width, DigitImage.Height, SKColorType.Gray8, SKAlphaType.Opaque), digit.Pixels);
        canvas.DrawImage(preview, SKRect.Create(left + CellWidth, top, Preview, Preview), new SKSamplingOptions(SKFilterMode.Nearest));
        canvas.DrawRect(left + CellWidth, top, Preview, Preview, frame);
        canvas.DrawRect(left + (digit.Source.X * scale), top + (digit.Source.Y * scale), digit.Source.Width * scale, digit.Source.Height * scale, frame);
    }
}
