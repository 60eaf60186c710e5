using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Mnist.Tests.Support;

/// <summary>Writes PNG files by the specification, as an oracle that is independent of the codec library.</summary>
internal static class PngWriter
{
    public const byte Grey = 0;
    public const byte Rgb = 2;
    public const byte Palette = 3;
    public const byte GreyAlpha = 4;
    public const byte Rgba = 6;

    private static readonly byte[] Signature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>An 8-bit grey 28x28 file.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> pixels) => File(Grey, 8, Rows(pixels.ToArray(), 28));

    /// <summary>A 28x28 file.</summary>
    /// <param name="colourType">One of the constants of this class.</param>
    /// <param name="bitDepth">Bits of a sample.</param>
    /// <param name="rows">28 rows of samples, see <see cref="Rows"/>.</param>
    /// <param name="beforeData">Chunks between header and pixel data.</param>
    public static byte[] File(byte colourType, byte bitDepth, byte[] rows, params byte[][] beforeData) =>
        [.. Signature, .. Header(28, 28, colourType, bitDepth), .. beforeData.SelectMany(chunk => chunk), .. Data(rows), .. End];

    public static byte[] End => Chunk("IEND", []);

    /// <summary>A zlib stream (RFC 1950) that needs a preset dictionary.</summary>
    public static byte[] NeedsDictionary => [0x78, 0x20, 0, 0, 0, 1, 0];

    /// <summary>An IDAT chunk.</summary>
    /// <param name="rows">Filtered rows, see <see cref="Rows"/>.</param>
    public static byte[] Data(byte[] rows)
    {
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.SmallestSize))
        {
            zlib.Write(rows);
        }

        return Chunk("IDAT", compressed.ToArray());
    }

    /// <summary>Signature and header of an 8-bit grey file of any size.</summary>
    public static byte[] Start(uint width, uint height) => [.. Signature, .. Header(width, height, Grey, 8)];

    /// <summary>Puts filter type 0, "none", before each row.</summary>
    public static byte[] Rows(byte[] samples, int bytesPerRow) => [.. samples.Chunk(bytesPerRow).SelectMany(row => row.Prepend((byte)0))];

    public static byte[] Chunk(string type, byte[] data)
    {
        byte[] chunk = new byte[data.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        Encoding.ASCII.GetBytes(type).CopyTo(chunk, 4);
        data.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(data.Length + 8), Crc32(chunk.AsSpan(4, data.Length + 4)));
        return chunk;
    }

    /// <summary>Corrects the checksums of all complete chunks in place, and returns <paramref name="file"/>.</summary>
    public static byte[] WithChecksums(byte[] file)
    {
        var rest = file.AsSpan(Math.Min(file.Length, Signature.Length));
        while (rest.Length >= 12 && BinaryPrimitives.ReadUInt32BigEndian(rest) <= rest.Length - 12)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(rest);
            BinaryPrimitives.WriteUInt32BigEndian(rest[(length + 8)..], Crc32(rest.Slice(4, length + 4)));
            rest = rest[(length + 12)..];
        }

        return file;
    }

    private static byte[] Header(uint width, uint height, byte colourType, byte bitDepth)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteUInt32BigEndian(header, width);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), height);
        header[8] = bitDepth;
        header[9] = colourType;
        return Chunk("IHDR", header);
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}
