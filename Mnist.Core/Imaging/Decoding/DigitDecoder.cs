using System.Diagnostics.CodeAnalysis;

namespace Mnist.Core.Imaging.Decoding;

/// <summary>
/// Decodes an image file of 28x28 grey pixels. The values are the file's own samples: no colour space and no gamma is applied, 16-bit samples keep their
/// high byte, and an orientation tag (EXIF) is ignored, because the training data has none. Incomplete files are rejected.
/// </summary>
public static class DigitDecoder
{
    /// <summary>Decodes one file.</summary>
    /// <param name="file">A PNG, JPEG, BMP, GIF or WebP file; any other bytes give an error.</param>
    /// <param name="pixels">[28,28]: receives the grey values, 0 to 255; undefined after an error.</param>
    /// <param name="error">Why the file was rejected.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="pixels"/> has another length than <see cref="DigitImage.PixelCount"/>.</exception>
    public static bool TryDecode(ReadOnlySpan<byte> file, Span<byte> pixels, [NotNullWhen(false)] out ImageError? error)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(pixels.Length, DigitImage.PixelCount);
        error = null;
        return PlainPng.TryDecode(file, pixels) || SkiaDigitDecoder.TryDecode(file, pixels, out error);
    }
}
