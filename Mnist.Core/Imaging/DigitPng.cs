using SkiaSharp;

namespace Mnist.Core.Imaging;

/// <summary>Encodes digits as PNG files.</summary>
public static class DigitPng
{
    /// <summary>Encodes an 8-bit grey PNG file with exactly these pixel values.</summary>
    /// <param name="pixels">[28,28].</param>
    public static byte[] Encode(ReadOnlySpan<byte> pixels)
    {
        var info = new SKImageInfo(DigitImage.Width, DigitImage.Height, SKColorType.Gray8, SKAlphaType.Opaque);
        using var image = SKImage.FromPixelCopy(info, pixels);
        using var png = image.Encode(SKEncodedImageFormat.Png, quality: 100);
        return png.ToArray();
    }
}
