using SkiaSharp;

namespace Mnist.Core.Imaging.Decoding;

/// <summary>What every image file must be, whatever is read from it. Faults say what was found, what was expected and what to do, without quoting content.</summary>
internal static class ImageFile
{
    /// <summary>Checks the first bytes and, of a PNG, the framing.</summary>
    /// <param name="file">The file.</param>
    /// <param name="whatToSend">The advice where the file is of no use at all.</param>
    /// <param name="format">The format that the file begins like.</param>
    public static string? FindFault(ReadOnlySpan<byte> file, string whatToSend, out SKEncodedImageFormat format)
    {
        var detected = ImageSignature.Detect(file);
        format = detected.GetValueOrDefault();
        return detected switch
        {
            null => $"is not an image of a known format; {whatToSend}.",
            SKEncodedImageFormat.Png => PngFraming.FindFault(file),
            _ => null,
        };
    }

    /// <summary>Checks that the header is whole and belongs to one picture of the format that the file begins like.</summary>
    public static string? FindHeaderFault(SKCodec? codec, SKEncodedImageFormat format, string whatToSend)
    {
        if (codec is null)
        {
            return $"begins like a {Name(format)} file, but its header is damaged or cut off; send the whole file.";
        }

        return codec.EncodedFormat != format ? $"begins like a {Name(format)} file, but holds another format; {whatToSend}." : null;
    }

    /// <summary>Only the codec's own count finds the frames of GIF and WebP; it may read the whole file for it.</summary>
    public static string? FindAnimation(SKCodec codec) =>
        codec.FrameCount > 1 ? $"is an animation of {codec.FrameCount} frames; expected a single picture." : null;

    /// <summary>Decodes all pixels as the file has them. A partial decode is a fault: it would be classified as confidently as a whole one.</summary>
    public static string? ReadPixels(SKCodec codec, SKImageInfo info, nint destination)
    {
        // No colour space: anything else would change the samples of a file that carries a gamma or a profile.
        var result = codec.GetPixels(info, destination);
        return result switch
        {
            SKCodecResult.Success => null,
            SKCodecResult.IncompleteInput => $"is a truncated {Name(codec.EncodedFormat)} file: its pixel data ends early; send the whole file.",
            _ => $"is a damaged {Name(codec.EncodedFormat)} file: its pixels cannot be decoded; save it again.",
        };
    }

    private static string Name(SKEncodedImageFormat format) => format == SKEncodedImageFormat.Webp ? "WebP" : format.ToString().ToUpperInvariant();
}
