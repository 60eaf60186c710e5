using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Mnist.Core.Imaging;

/// <summary>
/// Reads the file that nearly all clients send, in a fraction of the codec library's time: a 28x28 PNG of 8 bits grey, not interlaced, that holds a
/// header, one chunk of pixels and the end, and nothing else. What departs from that in the least, right or wrong, is left to the codec: its verdict
/// and its pixels are the same for what is read here.
/// </summary>
internal static class PlainPng
{
    private const int ChecksumLength = 4;

    /// <summary>Each row begins with the filter that its bytes went through.</summary>
    private const int RowLength = 1 + DigitImage.Width;

    /// <summary>All bytes before the pixels' chunk, the header's checksum included.</summary>
    private static ReadOnlySpan<byte> Start =>
    [
        0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A,
        0, 0, 0, 13, (byte)'I', (byte)'H', (byte)'D', (byte)'R', 0, 0, 0, DigitImage.Width, 0, 0, 0, DigitImage.Height, 8, 0, 0, 0, 0, 0x57, 0x66, 0x80, 0x48,
    ];

    private static ReadOnlySpan<byte> End => [0, 0, 0, 0, (byte)'I', (byte)'E', (byte)'N', (byte)'D', 0xAE, 0x42, 0x60, 0x82];

    /// <param name="file">Any bytes.</param>
    /// <param name="pixels">[28,28]; of no value where the file is left to the codec.</param>
    public static bool TryDecode(ReadOnlySpan<byte> file, Span<byte> pixels)
    {
        if (!file.StartsWith(Start) || !file.EndsWith(End))
        {
            return false;
        }

        var chunk = file[Start.Length..^End.Length];
        if (chunk.Length < 8 + ChecksumLength || BinaryPrimitives.ReadUInt32BigEndian(chunk) != chunk.Length - 8 - ChecksumLength)
        {
            return false;
        }

        var typeAndData = chunk[4..^ChecksumLength];
        if (!typeAndData.StartsWith("IDAT"u8) || Crc32.HashToUInt32(typeAndData) != BinaryPrimitives.ReadUInt32BigEndian(chunk[^ChecksumLength..]))
        {
            return false;
        }

        Span<byte> rows = stackalloc byte[RowLength * DigitImage.Height];
        return TryInflate(typeAndData[4..], rows) && TryUnfilter(rows, pixels);
    }

    /// <summary>Whether the data is a whole zlib stream of exactly these rows.</summary>
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
            catch (InvalidDataException)
            {
                return false;
            }
        }
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
