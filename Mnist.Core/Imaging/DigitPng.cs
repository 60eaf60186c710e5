using SkiaSharp;

namespace Mnist.Core.Imaging;

/// <summary>Digits as image files.</summary>
internal static class DigitPng
{
    /// <summary>An 8-bit grey PNG file with exactly these pixels.</summary>
    public static byte[] Encode(DigitImage image)
    {
        var info = new SKImageInfo(DigitImage.Width, DigitImage.Height, SKColorType.Gray8, SKAlphaType.Opaque);
        using var pixels = SKImage.FromPixelCopy(info, image.Pixels);
        using var png = pixels.Encode(SKEncodedImageFormat.Png, quality: 100);
        return png.ToArray();
    }
}
