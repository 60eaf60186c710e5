using System.Diagnostics.CodeAnalysis;
using Mnist.Core.Imaging.Decoding;

namespace Mnist.Core.Imaging.Normalizing;

/// <summary>
/// Turns a picture of a handwritten digit, of any size, colour and light, into the 28x28 pixels that MNIST would have made of it, or says why it cannot.
/// </summary>
public static class DigitNormalizer
{
    /// <summary>Normalizes one image file.</summary>
    public static bool TryNormalize(ReadOnlySpan<byte> file, [NotNullWhen(true)] out DigitImage? image, [NotNullWhen(false)] out ImageError? fault)
    {
        image = null;
        if (!PhotoDecoder.TryDecode(file, out var photo, out string? message))
        {
            fault = new ImageError(ImageErrorKind.Invalid, message);
            return false;
        }

        var plane = InkPlane.Extract(GreyProjection.Project(photo));
        if (!DigitFinder.TryFind(plane, out var digit, out fault))
        {
            return false;
        }

        image = DigitFrame.Render(plane.Ink, digit, plane.Noise, photo.ToOriginal(digit.Box));
        return true;
    }
}
