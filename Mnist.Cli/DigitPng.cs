using Mnist.Training.Data;
using SkiaSharp;

namespace Mnist.Cli;

/// <summary>Digits as image files.</summary>
internal static class DigitPng
{
    /// <summary>An 8-bit grey PNG with exactly these pixels [28,28].</summary>
    public static byte[] Encode(ReadOnlySpan<byte> pixels)
    {
        var info = new SKImageInfo(DigitDataset.ImageWidth, DigitDataset.ImageHeight, SKColorType.Gray8, SKAlphaType.Opaque);
        using var image = SKImage.FromPixelCopy(info, pixels);
        using var png = image.Encode(SKEncodedImageFormat.Png, quality: 100);
        return png.ToArray();
    }
}
