using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace Mnist.Core.Imaging.Decoding;

/// <summary>
/// Turns an image file of any size, colour and orientation into an upright, opaque <see cref="Photo"/>. Memory is bounded before a pixel is decoded:
/// the header tells the size, and what is decoded is shrunk at once.
/// </summary>
internal static class PhotoDecoder
{
    /// <summary>12 megapixels, as the cameras of phones have (4032 x 3024), with their common aspect ratios.</summary>
    public const int MaxPixels = 12_500_000;

    /// <summary>The longer side of the photo: a digit that fills a tenth of it still has several times the pixels it needs.</summary>
    public const int WorkingSize = 768;

    private const string WhatToSend = "send a PNG, JPEG, BMP, GIF or WebP file";

    /// <summary>Eighths: what the JPEG decoder can shrink by while it decodes, for less time and memory.</summary>
    private const int JpegScales = 8;

    public static unsafe bool TryDecode(ReadOnlySpan<byte> file, [NotNullWhen(true)] out Photo? photo, [NotNullWhen(false)] out string? fault)
    {
        photo = null;
        fault = ImageFile.FindFault(file, WhatToSend, out var format);
        if (fault is not null)
        {
            return false;
        }

        fixed (byte* start = file)
        {
            using var data = SKData.Create((nint)start, file.Length);
            using var codec = SKCodec.Create(data);
            fault = ImageFile.FindHeaderFault(codec, format, WhatToSend) ?? FindSizeFault(codec!.Info) ?? ImageFile.FindAnimation(codec);
            if (fault is null)
            {
                int orientation = format == SKEncodedImageFormat.Png ? PngOrientation.Find(file) : (int)codec!.EncodedOrigin;
                photo = Decode(codec!, new Orientation(orientation), out fault);
            }
        }

        return photo is not null;
    }

    private static string? FindSizeFault(SKImageInfo info) =>
        (long)info.Width * info.Height > MaxPixels
            ? $"is {info.Width}x{info.Height} pixels; expected at most 12 megapixels. Scale it down before sending."
            : null;

    private static unsafe Photo? Decode(SKCodec codec, Orientation orientation, out string? fault)
    {
        var size = DecodedSize(codec);
        var info = new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        uint* rgba = (uint*)NativeMemory.Alloc((nuint)info.BytesSize);
        try
        {
            fault = ImageFile.ReadPixels(codec, info, (nint)rgba);
            return fault is null
                ? Shrink(new ReadOnlySpan<uint>(rgba, size.Width * size.Height), size, codec.Info, orientation)
                : null;
        }
        finally
        {
            NativeMemory.Free(rgba);
        }
    }

    private static SKSizeI DecodedSize(SKCodec codec)
    {
        int longer = Math.Max(codec.Info.Width, codec.Info.Height);
        int eighths = (int)Math.Min(JpegScales, ((long)JpegScales * WorkingSize / longer) + 1);
        return codec.EncodedFormat == SKEncodedImageFormat.Jpeg && eighths < JpegScales
            ? codec.GetScaledDimensions((float)eighths / JpegScales)
            : codec.Info.Size;
    }

    private static Photo Shrink(ReadOnlySpan<uint> rgba, SKSizeI size, SKImageInfo original, Orientation orientation)
    {
        double factor = Math.Min(1, (double)WorkingSize / Math.Max(size.Width, size.Height));
        int width = Math.Max(1, (int)Math.Round(size.Width * factor));
        int height = Math.Max(1, (int)Math.Round(size.Height * factor));
        float[] sums = Resampling.SumRgba(rgba, size.Width, size.Height, width, height);

        float whole = byte.MaxValue * ((float)size.Width / width) * ((float)size.Height / height);
        float ground = GroundOf(sums);
        var (uprightWidth, uprightHeight) = orientation.SizeOf(width, height);
        var planes = new Plane[3];
        for (int channel = 0; channel < planes.Length; channel++)
        {
            var plane = planes[channel] = new Plane(uprightWidth, uprightHeight);
            for (int y = 0; y < uprightHeight; y++)
            {
                for (int x = 0; x < uprightWidth; x++)
                {
                    var sum = sums.AsSpan(orientation.IndexOf(x, y, width, height) * 4, 4);
                    plane[x, y] = (sum[channel] + (Math.Max(0, whole - sum[3]) * ground)) / Math.Max(whole, sum[3]);
                }
            }
        }

        var (originalWidth, originalHeight) = orientation.SizeOf(original.Width, original.Height);
        return new Photo(planes[0], planes[1], planes[2], originalWidth, originalHeight);
    }

    /// <summary>What shows where the picture is transparent: white under dark content, black under bright content.</summary>
    private static float GroundOf(ReadOnlySpan<float> sums)
    {
        double content = 0;
        double alpha = 0;
        for (int i = 0; i < sums.Length; i += 4)
        {
            content += sums[i] + sums[i + 1] + sums[i + 2];
            alpha += sums[i + 3];
        }

        return content > 3 * alpha * byte.MaxValue / 2 ? 0 : byte.MaxValue;
    }
}
