using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Mnist.Core.Imaging.Decoding;

/// <summary>
/// Reads the file that nearly all clients send, in a fraction of the codec library's time: a 28x28 PNG of 8 bits grey, not interlaced, with one chunk
/// of pixels and before it none but those that say nothing of them. What departs from that in the least, right or wrong, is left to the codec. Its
/// pixels are the same for what is read here, and so is its verdict, but for compressed data that do not say that they end: where all rows are there
/// and both checksums are right, these are read here, and refused there.
/// </summary>
internal static class PlainPng
{
    /// <summary>Each row begins with the filter that its bytes went through.</summary>
    private const int RowLength = 1 + DigitImage.Width;

    /// <summary>The chunk behind the signature, with its checksum.</summary>
    private static ReadOnlySpan<byte> Header =>
        [0, 0, 0, 13, (byte)'I', (byte)'H', (byte)'D', (byte)'R', 0, 0, 0, DigitImage.Width, 0, 0, 0, DigitImage.Height, 8, 0, 0, 0, 0, 0x57, 0x66, 0x80, 0x48];

    private static ReadOnlySpan<byte> End => [0, 0, 0, 0, (byte)'I', (byte)'E', (byte)'N', (byte)'D', 0xAE, 0x42, 0x60, 0x82];

    /// <param name="file">Any bytes.</param>
    /// <param name="pixels">[28,28]; of no value where the file is left to the codec.</param>
    public static bool TryDecode(ReadOnlySpan<byte> file, Span<byte> pixels)
    {
        if (!file.StartsWith(PngFraming.Signature) || !file[PngFraming.Signature.Length..].StartsWith(Header) || !file.EndsWith(End))
        {
            return false;
        }

        var chunks = file[(PngFraming.Signature.Length + Header.Length)..^End.Length];
        for (var rest = chunks; PngFraming.TryReadChunk(ref rest, out var type, out var content) && HasItsChecksum(chunks[..^rest.Length]); chunks = rest)
        {
            if (type.SequenceEqual("IDAT"u8))
            {
                Span<byte> rows = stackalloc byte[RowLength * DigitImage.Height];
                return rest.IsEmpty && TryInflate(content, rows) && EndsWithChecksumOf(rows, content) && TryUnfilter(rows, pixels);
            }

            if (!SaysNothingOfPixels(type))
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>A chunk is its length, the type and content that the checksum is of, and the checksum, in 4 bytes each but for the content.</summary>
    private static bool HasItsChecksum(ReadOnlySpan<byte> chunk) => Crc32.HashToUInt32(chunk[4..^4]) == BinaryPrimitives.ReadUInt32BigEndian(chunk[^4..]);

    /// <summary>Whether the samples mean the same without the chunk: no colour space and no gamma is applied, and texts are not read.</summary>
    private static bool SaysNothingOfPixels(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("sRGB"u8) || type.SequenceEqual("gAMA"u8) || type.SequenceEqual("cHRM"u8) || type.SequenceEqual("sBIT"u8)
        || type.SequenceEqual("pHYs"u8) || type.SequenceEqual("tIME"u8) || type.SequenceEqual("tEXt"u8);

    /// <summary>Whether the data is a zlib stream of exactly these rows, perhaps without its end: that it is cut off, the decompressor does not tell.</summary>
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
                // IOException: zlib's own errors, such as a dictionary that it asks for.
                return false;
            }
        }
    }

    /// <summary>Whether the last bytes of the stream are the Adler-32 checksum (RFC 1950) of the rows, which are too few for a sum to overflow.</summary>
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

    /// <summary>Undoes the filters (PNG specification, third edition, section 9): each byte was stored less a prediction from its neighbours.</summary>
    private static bool TryUnfilter(ReadOnlySpan<byte> rows, Span<byte> pixels)
    {
        Span<byte> blank = stackalloc byte[DigitImage.Width];
        blank.Clear();
        ReadOnlySpan<byte> above = blank;
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

    /// <summary>Whichever neighbour is closest to left + above - above left; in case of a tie left, then above.</summary>
    private static int Paeth(int left, int above, int aboveLeft)
    {
        int toLeft = Math.Abs(above - aboveLeft);
        int toAbove = Math.Abs(left - aboveLeft);
        int toAboveLeft = Math.Abs(left + above - (2 * aboveLeft));
        return toLeft <= toAbove && toLeft <= toAboveLeft ? left : toAbove <= toAboveLeft ? above : aboveLeft;
    }
}
