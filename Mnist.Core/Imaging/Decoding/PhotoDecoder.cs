using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace Mnist.Core.Imaging.Decoding;

/// <summary>
/// Decodes an image file of any size, colour and orientation to an upright, opaque <see cref="Photo"/>. The header's size is checked before any pixel is
/// decoded, and the decoded pixels are shrunk at once, so the memory is bounded.
/// </summary>
internal static class PhotoDecoder
{
    /// <summary>12 megapixels, as phone cameras have (4032 x 3024 = 12.2 million pixels), with a margin for other aspect ratios.</summary>
    public const int MaxPixels = 12_500_000;

    /// <summary>The longer side of the decoded photo in pixels: a digit that fills a tenth of it still has 76 pixels, and the result needs 20.</summary>
    public const int WorkingSize = 768;

    private const string WhatToSend = "send a PNG, JPEG, BMP, GIF or WebP file";

    /// <summary>The JPEG decoder can shrink to n/8 of the size while it decodes, which saves time and memory.</summary>
    private const int JpegScales = 8;

    /// <summary>Decodes one file.</summary>
    /// <param name="file">A PNG, JPEG, BMP, GIF or WebP file; any other bytes give an error.</param>
    /// <param name="photo">The photo, its longer side at most <see cref="WorkingSize"/>.</param>
    /// <param name="error">Why the file was rejected.</param>
    public static unsafe bool TryDecode(ReadOnlySpan<byte> file, [NotNullWhen(true)] out Photo? photo, [NotNullWhen(false)] out ImageError? error)
    {
        photo = null;
        error = ImageFile.CheckSignature(file, WhatToSend, out var format);
        if (error is not null)
        {
            return false;
        }

        fixed (byte* start = file)
        {
            using var data = SKData.Create((nint)start, file.Length);
            using var codec = SKCodec.Create(data);
            error = ImageFile.CheckHeader(codec, format, WhatToSend) ?? CheckSize(codec!.Info) ?? ImageFile.CheckSingleFrame(codec);
            if (error is null)
            {
                int orientation = format == SKEncodedImageFormat.Png ? PngOrientation.Find(file) : (int)codec!.EncodedOrigin;
                photo = Decode(codec!, new Orientation(orientation), out error);
            }
        }

        return photo is not null;
    }

    private static ImageError? CheckSize(SKImageInfo info) =>
        (long)info.Width * info.Height > MaxPixels
            ? ImageError.Invalid($"is {info.Width}x{info.Height} pixels; expected at most 12 megapixels. Scale it down before sending.")
            : null;

    private static unsafe Photo? Decode(SKCodec codec, Orientation orientation, out ImageError? error)
    {
        var size = DecodedSize(codec);
        var info = new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        uint* rgba = (uint*)NativeMemory.Alloc((nuint)info.BytesSize);
        try
        {
            error = ImageFile.ReadPixels(codec, info, (nint)rgba);
            return error is null
                ? Shrink(new ReadOnlySpan<uint>(rgba, size.Width * size.Height), size, codec.Info, orientation)
                : null;
        }
        finally
        {
            NativeMemory.Free(rgba);
        }
    }

    /// <summary>The size to decode to: for JPEG the smallest n/8 whose longer side exceeds <see cref="WorkingSize"/>, otherwise the original's.</summary>
    private static SKSizeI DecodedSize(SKCodec codec)
    {
        int longer = Math.Max(codec.Info.Width, codec.Info.Height);
        int eighths = (int)Math.Min(JpegScales, ((long)JpegScales * WorkingSize / longer) + 1);
        return codec.EncodedFormat == SKEncodedImageFormat.Jpeg && eighths < JpegScales
            ? codec.GetScaledDimensions((float)eighths / JpegScales)
            : codec.Info.Size;
    }

    /// <summary>Shrinks to the working size, paints transparent parts with the background and turns the photo upright.</summary>
    private static Photo Shrink(ReadOnlySpan<uint> rgba, SKSizeI size, SKImageInfo original, Orientation orientation)
    {
        double factor = Math.Min(1, (double)WorkingSize / Math.Max(size.Width, size.Height));
        int width = Math.Max(1, (int)Math.Round(size.Width * factor));
        int height = Math.Max(1, (int)Math.Round(size.Height * factor));
        float[] sums = Resampling.SumRgba(rgba, size.Width, size.Height, width, height);

        // The sum of alpha over the area of a new pixel that is opaque everywhere.
        float opaque = byte.MaxValue * ((float)size.Width / width) * ((float)size.Height / height);
        float background = BackgroundOf(sums);
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
                    plane[x, y] = (sum[channel] + (Math.Max(0, opaque - sum[3]) * background)) / Math.Max(opaque, sum[3]);
                }
            }
        }

        var (originalWidth, originalHeight) = orientation.SizeOf(original.Width, original.Height);
        return new Photo(planes[0], planes[1], planes[2], originalWidth, originalHeight);
    }

    /// <summary>The grey level painted under transparent parts: white under dark content, black under bright content.</summary>
    private static float BackgroundOf(ReadOnlySpan<float> sums)
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
