using SkiaSharp;

namespace Mnist.Core.Imaging.Decoding;

/// <summary>The checks that digits and photos share. Each method returns the error, or null if there is none.</summary>
internal static class ImageFile
{
    /// <summary>Checks the first bytes and, for PNG, the chunks.</summary>
    /// <param name="file">The file.</param>
    /// <param name="whatToSend">The advice if the file has no accepted format.</param>
    /// <param name="format">The format that the first bytes belong to.</param>
    public static ImageError? CheckSignature(ReadOnlySpan<byte> file, string whatToSend, out SKEncodedImageFormat format)
    {
        var detected = ImageSignature.Detect(file);
        format = detected.GetValueOrDefault();
        return detected switch
        {
            null => ImageError.Invalid($"is not an image of a known format; {whatToSend}."),
            SKEncodedImageFormat.Png => PngChunks.Check(file),
            _ => null,
        };
    }

    /// <summary>Checks that the codec could read the header, and that it found the format of the first bytes.</summary>
    public static ImageError? CheckHeader(SKCodec? codec, SKEncodedImageFormat format, string whatToSend)
    {
        if (codec is null)
        {
            return ImageError.Invalid($"begins like a {Name(format)} file, but its header is damaged or cut off; send the whole file.");
        }

        return codec.EncodedFormat != format
            ? ImageError.Invalid($"begins like a {Name(format)} file, but holds another format; {whatToSend}.")
            : null;
    }

    /// <summary>Checks that the file has one frame. Only the codec can count those of GIF and WebP, and it may read the whole file to do so: check the size first.</summary>
    public static ImageError? CheckSingleFrame(SKCodec codec) =>
        codec.FrameCount > 1 ? ImageError.Invalid($"is an animation of {codec.FrameCount} frames; expected a single picture.") : null;

    /// <summary>Decodes all pixels. A partial decode is an error: the model would classify it as confidently as a complete one.</summary>
    /// <param name="codec">A codec whose header was checked.</param>
    /// <param name="info">The size and pixel format of the result. It names no colour space, because one would change the samples of a file with a gamma or a profile.</param>
    /// <param name="destination">Memory for the pixels that <paramref name="info"/> describes; undefined after an error.</param>
    public static ImageError? ReadPixels(SKCodec codec, SKImageInfo info, nint destination) => codec.GetPixels(info, destination) switch
    {
        SKCodecResult.Success => null,
        SKCodecResult.IncompleteInput => ImageError.Invalid($"is a truncated {Name(codec.EncodedFormat)} file: its pixel data ends early; send the whole file."),
        _ => ImageError.Invalid($"is a damaged {Name(codec.EncodedFormat)} file: its pixels cannot be decoded; save it again."),
    };

    private static string Name(SKEncodedImageFormat format) => format == SKEncodedImageFormat.Webp ? "WebP" : format.ToString().ToUpperInvariant();
}
