using System.Diagnostics.CodeAnalysis;
using SkiaSharp;

namespace Mnist.Core.Imaging.Decoding;

/// <summary>Decodes every accepted format with the codec library, and finds the reason for a rejection.</summary>
internal static class SkiaDigitDecoder
{
    private const string WhatToSend = "send a PNG, JPEG, BMP, GIF or WebP file of a 28x28 grey image";

    /// <inheritdoc cref="DigitDecoder.TryDecode"/>
    public static unsafe bool TryDecode(ReadOnlySpan<byte> file, Span<byte> pixels, [NotNullWhen(false)] out ImageError? error)
    {
        // The codec writes through a pointer and knows no length.
        ArgumentOutOfRangeException.ThrowIfNotEqual(pixels.Length, DigitImage.PixelCount);
        error = ImageFile.CheckSignature(file, WhatToSend, out var format);
        if (error is not null)
        {
            return false;
        }

        fixed (byte* start = file)
        {
            using var data = SKData.Create((nint)start, file.Length);
            using var codec = SKCodec.Create(data);
            error = CheckHeader(codec, format)
                ?? (codec!.Info.ColorType == SKColorType.Gray8 ? ReadGrey(codec, pixels) : ReadColour(codec, pixels));
            return error is null;
        }
    }

    /// <summary>Checks everything that the header says before any pixel is decoded: a tiny file can declare gigabytes of pixels.</summary>
    private static ImageError? CheckHeader(SKCodec? codec, SKEncodedImageFormat format)
    {
        if (ImageFile.CheckHeader(codec, format, WhatToSend) is { } error)
        {
            return error;
        }

        if (codec!.Info.Width != DigitImage.Width || codec.Info.Height != DigitImage.Height)
        {
            return ImageError.Invalid(
                $"is {codec.Info.Width}x{codec.Info.Height} pixels; expected {DigitImage.Width}x{DigitImage.Height}. Scale it, or use 'normalize', which takes any picture.");
        }

        return ImageFile.CheckSingleFrame(codec);
    }

    private static unsafe ImageError? ReadGrey(SKCodec codec, Span<byte> pixels)
    {
        fixed (byte* destination = pixels)
        {
            return ReadPixels(codec, SKColorType.Gray8, SKAlphaType.Opaque, (nint)destination);
        }
    }

    private static unsafe ImageError? ReadColour(SKCodec codec, Span<byte> pixels)
    {
        byte* rgba = stackalloc byte[DigitImage.PixelCount * 4];
        var error = ReadPixels(codec, SKColorType.Rgba8888, SKAlphaType.Unpremul, (nint)rgba);
        for (int i = 0; i < pixels.Length && error is null; i++, rgba += 4)
        {
            if (rgba[3] != byte.MaxValue)
            {
                error = ImageError.Invalid(
                    $"is transparent at {Position(i)}; expected opaque pixels. Paint it on a black background, or use 'normalize', which takes any picture.");
            }
            else if (rgba[0] != rgba[1] || rgba[1] != rgba[2])
            {
                error = ImageError.Invalid(
                    $"is not grey: red, green and blue differ at {Position(i)}. Convert it to a greyscale PNG, or use 'normalize', which takes any picture.");
            }

            pixels[i] = rgba[0];
        }

        return error;
    }

    private static ImageError? ReadPixels(SKCodec codec, SKColorType colorType, SKAlphaType alphaType, nint destination) =>
        ImageFile.ReadPixels(codec, new SKImageInfo(DigitImage.Width, DigitImage.Height, colorType, alphaType), destination);

    private static string Position(int pixel) => $"column {pixel % DigitImage.Width}, row {pixel / DigitImage.Width}";
}
