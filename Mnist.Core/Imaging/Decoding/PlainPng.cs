using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Mnist.Core.Imaging.Decoding;

/// <summary>
/// Decodes the kind of file that nearly all clients send, in a fraction of the codec library's time: a 28x28 PNG, 8-bit grey, not interlaced, with one IDAT
/// chunk and, before it, only chunks that do not affect the pixels. Every other file, valid or not, is left to the codec. Both give the same pixels, and
/// both accept the same files, with one exception: a compressed stream without its end marker, but with all rows and both checksums correct, is
/// accepted here and rejected by the codec.
/// </summary>
internal static class PlainPng
{
    /// <summary>Each row begins with a byte that names its filter.</summary>
    private const int RowLength = 1 + DigitImage.Width;

    /// <summary>The IHDR chunk of such a file, with its checksum: 28x28 pixels, 8 bits, grey, not interlaced.</summary>
    private static ReadOnlySpan<byte> Header =>
        [0, 0, 0, 13, (byte)'I', (byte)'H', (byte)'D', (byte)'R', 0, 0, 0, DigitImage.Width, 0, 0, 0, DigitImage.Height, 8, 0, 0, 0, 0, 0x57, 0x66, 0x80, 0x48];

    /// <summary>The IEND chunk, with its checksum.</summary>
    private static ReadOnlySpan<byte> End => [0, 0, 0, 0, (byte)'I', (byte)'E', (byte)'N', (byte)'D', 0xAE, 0x42, 0x60, 0x82];

    /// <summary>Decodes a plain file; false means that the codec has to decide.</summary>
    /// <param name="file">Any bytes.</param>
    /// <param name="pixels">[28,28]: receives the grey values; undefined if the result is false.</param>
    public static bool TryDecode(ReadOnlySpan<byte> file, Span<byte> pixels)
    {
        if (!file.StartsWith(PngChunks.Signature) || !file[PngChunks.Signature.Length..].StartsWith(Header) || !file.EndsWith(End))
        {
            return false;
        }

        var chunks = file[(PngChunks.Signature.Length + Header.Length)..^End.Length];
        for (var rest = chunks; PngChunks.TryRead(ref rest, out var type, out var content) && HasValidChecksum(chunks[..^rest.Length]); chunks = rest)
        {
            if (type.SequenceEqual("IDAT"u8))
            {
                Span<byte> rows = stackalloc byte[RowLength * DigitImage.Height];
                return rest.IsEmpty && TryInflate(content, rows) && EndsWithChecksumOf(rows, content) && TryUnfilter(rows, pixels);
            }

            if (!IsIrrelevant(type))
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>Whether the CRC-32 of type and content, which follow the length of 4 bytes, equals the last 4 bytes of the chunk.</summary>
    private static bool HasValidChecksum(ReadOnlySpan<byte> chunk) => Crc32.HashToUInt32(chunk[4..^4]) == BinaryPrimitives.ReadUInt32BigEndian(chunk[^4..]);

    /// <summary>Whether a chunk can be skipped: no colour space and no gamma is applied, and texts are not read.</summary>
    private static bool IsIrrelevant(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("sRGB"u8) || type.SequenceEqual("gAMA"u8) || type.SequenceEqual("cHRM"u8) || type.SequenceEqual("sBIT"u8)
        || type.SequenceEqual("pHYs"u8) || type.SequenceEqual("tIME"u8) || type.SequenceEqual("tEXt"u8);

    /// <summary>Whether the data is a zlib stream of exactly these rows. The decompressor does not report a stream that is cut off after the last row.</summary>
    private static unsafe bool TryInflate(ReadOnlySpan<byte> data, Span<byte> rows)
    {
        fixed (byte* start = data)
        {
            using var compressed = new UnmanagedMemoryStream(start, data.Length);
            using var stream = new ZLibStream(compressed, CompressionMode.Decompress);
            try
            {
                return stream.ReadAtLeast(rows, rows.Length, throwOnEndOfStream: false) == rows.Length && stream.ReadByte() < 0;
            }
            catch (Exception exception) when (exception is InvalidDataException or IOException)
            {
                // IOException: errors of zlib itself, such as a preset dictionary.
                return false;
            }
        }
    }

    /// <summary>Whether the stream ends with the Adler-32 checksum of the rows (RFC 1950, section 8). One modulo at the end is enough: 812 bytes cannot overflow the sums.</summary>
    private static bool EndsWithChecksumOf(ReadOnlySpan<byte> rows, ReadOnlySpan<byte> data)
    {
        const uint Prime = 65_521;
        uint low = 1;
        uint high = 0;
        foreach (byte value in rows)
        {
            low += value;
            high += low;
        }

        return data.Length >= 4 && BinaryPrimitives.ReadUInt32BigEndian(data[^4..]) == (((high % Prime) << 16) | (low % Prime));
    }

    /// <summary>Reverses the filters (PNG specification, third edition, section 9): each byte was stored minus a prediction from its neighbours.</summary>
    private static bool TryUnfilter(ReadOnlySpan<byte> rows, Span<byte> pixels)
    {
        Span<byte> zeros = stackalloc byte[DigitImage.Width];
        zeros.Clear();
        ReadOnlySpan<byte> above = zeros;
        for (; !rows.IsEmpty; rows = rows[RowLength..])
        {
            var row = pixels[..DigitImage.Width];
            rows[1..RowLength].CopyTo(row);
            if (!TryUnfilter(rows[0], row, above))
            {
                return false;
            }

            above = row;
            pixels = pixels[DigitImage.Width..];
        }

        return true;
    }

    private static bool TryUnfilter(byte filter, Span<byte> row, ReadOnlySpan<byte> above)
    {
        if (filter > 4)
        {
            return false;
        }

        byte left = 0;
        byte aboveLeft = 0;
        for (int x = 0; x < row.Length && filter != 0; x++)
        {
            int prediction = filter switch
            {
                1 => left,
                2 => above[x],
                3 => (left + above[x]) / 2,
                _ => Paeth(left, above[x], aboveLeft),
            };
            row[x] = left = (byte)(row[x] + prediction);
            aboveLeft = above[x];
        }

        return true;
    }

    /// <summary>The neighbour that is closest to left + above - aboveLeft; a tie goes to left, then to above (PNG specification, section 9.4).</summary>
    private static int Paeth(int left, int above, int aboveLeft)
    {
        int toLeft = Math.Abs(above - aboveLeft);
        int toAbove = Math.Abs(left - aboveLeft);
        int toAboveLeft = Math.Abs(left + above - (2 * aboveLeft));
        return toLeft <= toAbove && toLeft <= toAboveLeft ? left : toAbove <= toAboveLeft ? above : aboveLeft;
    }
}
