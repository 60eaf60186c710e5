using SkiaSharp;

namespace Mnist.Tests.Support;

/// <summary>Photos of straight strokes on white paper, whose results are known.</summary>
internal static class TestPhotos
{
    /// <summary>A photo with one stroke, which passes for a digit.</summary>
    public static byte[] Stroke { get; } = Draw(new SKRectI(300, 100, 320, 260));

    /// <summary>A PNG file of 640x480 pixels with black strokes.</summary>
    public static byte[] Draw(params SKRectI[] strokes) => Draw(SKColors.Black, strokes);

    /// <summary>A PNG file of 640x480 pixels.</summary>
    public static byte[] Draw(SKColor ink, params SKRectI[] strokes)
    {
        using var bitmap = new SKBitmap(640, 480, SKColorType.Rgba8888, SKAlphaType.Opaque);
        bitmap.Erase(SKColors.White);
        foreach (var stroke in strokes)
        {
            bitmap.Erase(ink, stroke);
        }

        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }
}
