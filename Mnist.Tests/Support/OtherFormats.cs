using System.Buffers.Binary;
using SkiaSharp;

namespace Mnist.Tests.Support;

/// <summary>Writes 28x28 grey images: BMP and GIF by their specifications, other formats with the codec library.</summary>
internal static class OtherFormats
{
    private const int Side = 28;

    /// <summary>Encodes with the codec library; WebP is always lossless.</summary>
    public static byte[] Encode(byte[] pixels, SKEncodedImageFormat format, int quality)
    {
        // The WebP encoder rejects Gray8.
        using var bitmap = new SKBitmap(Side, Side, SKColorType.Rgba8888, SKAlphaType.Opaque);
        for (int i = 0; i < pixels.Length; i++)
        {
            bitmap.SetPixel(i % Side, i / Side, new SKColor(pixels[i], pixels[i], pixels[i]));
        }

        using var pixmap = bitmap.PeekPixels();
        using var data = format == SKEncodedImageFormat.Webp
            ? pixmap.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, quality))
            : pixmap.Encode(format, quality);
        return data!.ToArray();
    }

    /// <summary>A BMP of 8 bits with a grey palette, bottom row first.</summary>
    public static byte[] Bmp(byte[] pixels)
    {
        const int HeaderLength = 54 + 256 * 4;
        byte[] file = new byte[HeaderLength + pixels.Length];
        "BM"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10), HeaderLength);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), Side);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), Side);
        file[26] = 1;
        file[28] = 8;
        for (int i = 0; i < 256; i++)
        {
            file.AsSpan(54 + i * 4, 3).Fill((byte)i);
        }

        for (int row = 0; row < Side; row++)
        {
            pixels.AsSpan((Side - 1 - row) * Side, Side).CopyTo(file.AsSpan(HeaderLength + row * Side));
        }

        return file;
    }

    /// <summary>A GIF with a grey palette. A clear code before the code size would grow keeps all codes at 9 bits: LZW without compression.</summary>
    public static byte[] Gif(byte[] pixels, int frames)
    {
        var file = new List<byte>();
        file.AddRange("GIF89a"u8);
        file.AddRange([Side, 0, Side, 0, 0xF7, 0, 0]);
        file.AddRange(Enumerable.Range(0, 256).SelectMany(i => new[] { (byte)i, (byte)i, (byte)i }));
        for (int frame = 0; frame < frames; frame++)
        {
            file.AddRange([0x21, 0xF9, 4, 0, 10, 0, 0, 0]);
            file.AddRange([0x2C, 0, 0, 0, 0, Side, 0, Side, 0, 0, 8]);
            foreach (byte[] block in LzwCodes(pixels).Chunk(255))
            {
                file.Add((byte)block.Length);
                file.AddRange(block);
            }

            file.Add(0);
        }

        file.Add(0x3B);
        return [.. file];
    }

    private static List<byte> LzwCodes(byte[] pixels)
    {
        const int Clear = 256;
        const int End = 257;
        var bytes = new List<byte>();
        int buffer = 0;
        int bits = 0;
        foreach (int code in pixels.Chunk(200).SelectMany(part => part.Select(pixel => (int)pixel).Prepend(Clear)).Append(End))
        {
            buffer |= code << bits;
            for (bits += 9; bits >= 8; bits -= 8, buffer >>= 8)
            {
                bytes.Add((byte)buffer);
            }
        }

        bytes.Add((byte)buffer);
        return bytes;
    }
}
