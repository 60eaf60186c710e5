using System.Diagnostics.CodeAnalysis;
using SkiaSharp;

namespace Mnist.Core.Imaging.Decoding;

/// <summary>
/// Turns an image file into 28x28 grey values, or says why it cannot. Takes only a complete, successful decode: a partial one would
/// be classified as confidently as a whole one. Values are the file's own samples: no colour space and no gamma is applied, 16-bit
/// samples keep their high byte, and an orientation tag (EXIF) is ignored, as the training data has none.
/// </summary>
public static class DigitDecoder
{
    private const string WhatToSend = "send a PNG, JPEG, BMP, GIF or WebP file of a 28x28 grey image";

    /// <summary>Decodes one file; <paramref name="fault"/> says what was found, what was expected and what to do, without quoting content.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> file, [NotNullWhen(true)] out DigitImage? image, [NotNullWhen(false)] out string? fault)
    {
        byte[] pixels = new byte[DigitImage.PixelCount];
        fault = FindFaultOrRead(file, pixels);
        image = fault is null ? new DigitImage(pixels) : null;
        return image is not null;
    }

    /// <summary>The same, into memory of the caller's.</summary>
    /// <param name="file">The file.</param>
    /// <param name="pixels">[28,28]: receives the grey values; undefined where there is a fault.</param>
    /// <returns>The fault; null where there is none.</returns>
    internal static string? FindFaultOrRead(ReadOnlySpan<byte> file, Span<byte> pixels) => PlainPng.TryDecode(file, pixels) ? null : FindFaultOrDecode(file, pixels);

    /// <summary>What the codec library makes of a file.</summary>
    internal static unsafe string? FindFaultOrDecode(ReadOnlySpan<byte> file, Span<byte> pixels)
    {
        if (ImageFile.FindFault(file, WhatToSend, out var format) is { } fault)
        {
            return fault;
        }

        fixed (byte* start = file)
        {
            using var data = SKData.Create((nint)start, file.Length);
            using var codec = SKCodec.Create(data);
            return FindHeaderFault(codec, format)
                ?? (codec!.Info.ColorType == SKColorType.Gray8 ? ReadGrey(codec, pixels) : ReadColour(codec, pixels));
        }
    }

    /// <summary>Checks all that the header tells before any pixel is decoded: a tiny file can declare a picture of many gigabytes.</summary>
    private static string? FindHeaderFault(SKCodec? codec, SKEncodedImageFormat format)
    {
        if (ImageFile.FindHeaderFault(codec, format, WhatToSend) is { } fault)
        {
            return fault;
        }

        if (codec!.Info.Width != DigitImage.Width || codec.Info.Height != DigitImage.Height)
        {
            return $"is {codec.Info.Width}x{codec.Info.Height} pixels; expected {DigitImage.Width}x{DigitImage.Height}. Scale it, or use 'normalize', which takes any picture.";
        }

        return ImageFile.FindAnimation(codec);
    }

    private static unsafe string? ReadGrey(SKCodec codec, Span<byte> pixels)
    {
        fixed (byte* destination = pixels)
        {
            return ReadPixels(codec, SKColorType.Gray8, SKAlphaType.Opaque, (nint)destination);
        }
    }

    private static unsafe string? ReadColour(SKCodec codec, Span<byte> pixels)
    {
        byte* rgba = stackalloc byte[DigitImage.PixelCount * 4];
        string? fault = ReadPixels(codec, SKColorType.Rgba8888, SKAlphaType.Unpremul, (nint)rgba);
        for (int i = 0; i < pixels.Length && fault is null; i++, rgba += 4)
        {
            if (rgba[3] != byte.MaxValue)
            {
                fault = $"is transparent at {Position(i)}; expected opaque pixels. Paint it on a black ground, or use 'normalize', which takes any picture.";
            }
            else if (rgba[0] != rgba[1] || rgba[1] != rgba[2])
            {
                fault = $"is not grey: red, green and blue differ at {Position(i)}. Convert it to a greyscale PNG, or use 'normalize', which takes any picture.";
            }

            pixels[i] = rgba[0];
        }

        return fault;
    }

    private static string? ReadPixels(SKCodec codec, SKColorType colorType, SKAlphaType alphaType, nint destination) =>
        ImageFile.ReadPixels(codec, new SKImageInfo(DigitImage.Width, DigitImage.Height, colorType, alphaType), destination);

    private static string Position(int pixel) => $"column {pixel % DigitImage.Width}, row {pixel / DigitImage.Width}";
}
