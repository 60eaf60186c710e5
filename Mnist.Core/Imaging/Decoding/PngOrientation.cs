using System.Buffers.Binary;

namespace Mnist.Core.Imaging.Decoding;

/// <summary>Reads the orientation tag of a PNG file from its eXIf chunk, which the codec does not look at. What is damaged there is as good as no tag.</summary>
internal static class PngOrientation
{
    private const ushort OrientationTag = 0x112;

    /// <summary>Type of a number of 16 bits in an EXIF directory.</summary>
    private const ushort Short = 3;

    private const int EntryLength = 12;

    /// <param name="file">A PNG file whose framing was checked.</param>
    /// <returns>1 to 8; 1, upright, where there is no tag.</returns>
    public static int Find(ReadOnlySpan<byte> file)
    {
        // A header tells the order of bytes and where the first directory is; a directory is a count and its entries.
        var exif = PngFraming.FindChunk(file, "eXIf"u8);
        bool isLittleEndian = exif.StartsWith("II*\0"u8);
        if ((!isLittleEndian && !exif.StartsWith("MM\0*"u8)) || exif.Length < 8)
        {
            return 1;
        }

        uint start = isLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(exif[4..]) : BinaryPrimitives.ReadUInt32BigEndian(exif[4..]);
        if (start > exif.Length - 2)
        {
            return 1;
        }

        var entries = exif[((int)start + 2)..];
        int count = Math.Min(Number(exif[(int)start..]), entries.Length / EntryLength);
        for (int i = 0; i < count; i++)
        {
            var entry = entries.Slice(i * EntryLength, EntryLength);
            if (Number(entry) == OrientationTag && Number(entry[2..]) == Short)
            {
                return Number(entry[8..]) is >= 1 and <= 8 and var orientation ? orientation : 1;
            }
        }

        return 1;

        ushort Number(ReadOnlySpan<byte> bytes) => isLittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
    }
}
