using SkiaSharp;

namespace Mnist.Core.Imaging.Decoding;

/// <summary>
/// Recognises the accepted formats by their first bytes. The codec library supports more formats (WBMP has no signature at all: 784 raw pixels can pass for
/// one), so only files that begin like one of these reach it.
/// </summary>
internal static class ImageSignature
{
    public static SKEncodedImageFormat? Detect(ReadOnlySpan<byte> file) => file switch
    {
        _ when file.StartsWith(PngChunks.Signature) => SKEncodedImageFormat.Png,
        [0xFF, 0xD8, 0xFF, ..] => SKEncodedImageFormat.Jpeg,
        [(byte)'B', (byte)'M', ..] => SKEncodedImageFormat.Bmp,
        _ when file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8) => SKEncodedImageFormat.Gif,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => SKEncodedImageFormat.Webp,
        _ => null,
    };
}
