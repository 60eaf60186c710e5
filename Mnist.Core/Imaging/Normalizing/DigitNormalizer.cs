using System.Diagnostics.CodeAnalysis;
using Mnist.Core.Imaging.Decoding;

namespace Mnist.Core.Imaging.Normalizing;

/// <summary>
/// Converts a photo of one handwritten digit, of any size, colour and lighting, to a 28x28 image that is preprocessed like MNIST (see
/// <see cref="MnistFraming"/>).
/// </summary>
public static class DigitNormalizer
{
    /// <summary>Normalizes one photo.</summary>
    /// <param name="file">A PNG, JPEG, BMP, GIF or WebP file of at most 12 megapixels; any other bytes give an error.</param>
    /// <param name="image">The digit, its brightest pixel 255, and its box on the photo.</param>
    /// <param name="error">Why the photo was rejected.</param>
    public static bool TryNormalize(ReadOnlySpan<byte> file, [NotNullWhen(true)] out DigitImage? image, [NotNullWhen(false)] out ImageError? error)
    {
        image = null;
        if (!PhotoDecoder.TryDecode(file, out var photo, out error))
        {
            return false;
        }

        var plane = InkPlane.Extract(GreyProjection.Project(photo));
        if (!DigitFinder.TryFind(plane, out var digit, out error))
        {
            return false;
        }

        image = DigitRenderer.Render(plane.Ink, digit, plane.Noise, photo.ToOriginal(digit.Box));
        return true;
    }
}
