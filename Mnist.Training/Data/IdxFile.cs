using System.Buffers.Binary;
using System.IO.Compression;
using Mnist.Core.Imaging;

namespace Mnist.Training.Data;

/// <summary>
/// Reads the IDX files in which MNIST is published: a big-endian header (magic number, then one size per dimension) and the bytes, plain or gzip.
/// The length must match the header exactly. The header alone never decides how much memory is allocated.
/// </summary>
public static class IdxFile
{
    /// <summary>idx3-ubyte: [N,28,28] pixels 0..255.</summary>
    private const int ImagesMagic = 0x0803;

    /// <summary>idx1-ubyte: [N] labels.</summary>
    private const int LabelsMagic = 0x0801;

    /// <summary>Largest count that is accepted: 16 times that of MNIST.</summary>
    private const int MaxCount = 1_000_000;

    /// <summary>Reads N images of 28x28 pixels.</summary>
    /// <returns>The pixels [N,28,28], 0..255, one image after another.</returns>
    /// <exception cref="InvalidDataException">The content is not valid; the message names the file, what was found and what was expected.</exception>
    public static byte[] ReadImages(string path) => Read(path, ImagesMagic, [DigitImage.Height, DigitImage.Width]);

    /// <summary>Reads N labels.</summary>
    /// <returns>The labels [N], any byte.</returns>
    /// <exception cref="InvalidDataException">The content is not valid; the message names the file, what was found and what was expected.</exception>
    public static byte[] ReadLabels(string path) => Read(path, LabelsMagic, []);

    /// <summary>Unpacks gzip content; returns other content unchanged.</summary>
    /// <param name="content">The file's bytes.</param>
    /// <param name="maxLength">The most bytes to unpack.</param>
    /// <exception cref="InvalidDataException">The gzip content is damaged or holds more than <paramref name="maxLength"/> bytes.</exception>
    public static byte[] Unpack(byte[] content, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (content is not [0x1F, 0x8B, ..])
        {
            return content;
        }

        using var packed = new GZipStream(new MemoryStream(content), CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        byte[] block = new byte[1 << 16];
        int read;
        while ((read = packed.Read(block)) > 0)
        {
            if (unpacked.Length + read > maxLength)
            {
                throw new InvalidDataException($"unpacks to more than {maxLength} bytes");
            }

            unpacked.Write(block, 0, read);
        }

        return unpacked.ToArray();
    }

    private static byte[] Read(string path, int expectedMagic, ReadOnlySpan<int> itemShape)
    {
        int headerLength = sizeof(int) * (2 + itemShape.Length);
        int itemLength = 1;
        foreach (int size in itemShape)
        {
            itemLength *= size;
        }

        byte[] content = ReadUnpacked(path, headerLength + MaxCount * itemLength);
        if (content.Length < headerLength)
        {
            throw new InvalidDataException($"{path}: {content.Length} bytes, expected an IDX header of {headerLength}");
        }

        int magic = ReadInt32(content, 0);
        if (magic != expectedMagic)
        {
            throw new InvalidDataException($"{path}: magic number 0x{magic:X8}, expected 0x{expectedMagic:X8}");
        }

        for (int dimension = 0; dimension < itemShape.Length; dimension++)
        {
            int size = ReadInt32(content, 2 + dimension);
            if (size != itemShape[dimension])
            {
                throw new InvalidDataException($"{path}: images of {size} pixels in dimension {dimension + 1}, expected {itemShape[dimension]}");
            }
        }

        int count = ReadInt32(content, 1);
        if (count is < 0 or > MaxCount)
        {
            throw new InvalidDataException($"{path}: the header promises {(uint)count} items, expected at most {MaxCount}");
        }

        int expectedLength = headerLength + count * itemLength;
        if (content.Length != expectedLength)
        {
            throw new InvalidDataException($"{path}: {content.Length} bytes, expected {expectedLength} for the {count} items the header promises");
        }

        return content[headerLength..];
    }

    private static byte[] ReadUnpacked(string path, int maxLength)
    {
        long length = new FileInfo(path).Length;
        if (length > maxLength)
        {
            throw new InvalidDataException($"{path}: {length} bytes, expected at most {maxLength}");
        }

        try
        {
            return Unpack(File.ReadAllBytes(path), maxLength);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    private static int ReadInt32(byte[] header, int index) => BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(index * sizeof(int)));
}
