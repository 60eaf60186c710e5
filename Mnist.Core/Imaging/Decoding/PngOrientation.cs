using System.Buffers.Binary;

namespace Mnist.Core.Imaging.Decoding;

/// <summary>Reads the orientation tag of a PNG file from its eXIf chunk, which the codec ignores. A damaged chunk counts as no tag.</summary>
internal static class PngOrientation
{
    private const ushort OrientationTag = 0x112;

    /// <summary>EXIF field type of a 16-bit unsigned integer.</summary>
    private const ushort Short = 3;

    private const int EntryLength = 12;

    /// <summary>Finds the tag.</summary>
    /// <param name="file">A PNG file that <see cref="PngChunks.Check"/> accepted.</param>
    /// <returns>1 to 8; 1, which is upright, if there is no tag.</returns>
    public static int Find(ReadOnlySpan<byte> file)
    {
        // TIFF layout: a header with the byte order and the offset of the first directory; a directory is a count and that many entries.
        var exif = PngChunks.Find(file, "eXIf"u8);
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
