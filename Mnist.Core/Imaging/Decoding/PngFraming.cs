using System.Buffers.Binary;

namespace Mnist.Core.Imaging.Decoding;

/// <summary>
/// Walks the chunks of a PNG file. The codec library is content once it has all rows: it takes a file without its end, bytes after
/// the end, and the first frame of an animation. The product refuses all three: each means that the sender has something else in mind.
/// </summary>
public static class PngFraming
{
    private const int LengthAndType = 8;
    private const int Checksum = 4;

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>What is wrong with the framing of <paramref name="file"/>, which begins with <see cref="Signature"/>; null when nothing is.</summary>
    public static string? FindFault(ReadOnlySpan<byte> file)
    {
        var rest = file[Signature.Length..];
        while (TryReadChunk(ref rest, out var type, out _))
        {
            if (type.SequenceEqual("acTL"u8))
            {
                return "is an animated PNG; expected a single picture.";
            }

            if (type.SequenceEqual("IEND"u8))
            {
                return rest.IsEmpty ? null : $"has {rest.Length} bytes after the end of the PNG; send the file without them.";
            }
        }

        return "is a truncated PNG: its IEND chunk is missing; send the whole file.";
    }

    /// <summary>The content of the first chunk of a type; empty where there is none.</summary>
    public static ReadOnlySpan<byte> FindChunk(ReadOnlySpan<byte> file, scoped ReadOnlySpan<byte> wanted)
    {
        var rest = file[Signature.Length..];
        while (TryReadChunk(ref rest, out var type, out var content))
        {
            if (type.SequenceEqual(wanted))
            {
                return content;
            }
        }

        return [];
    }

    /// <summary>Takes a chunk off the front; false where no whole one is left.</summary>
    internal static bool TryReadChunk(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> content)
    {
        type = content = default;
        if (rest.Length < LengthAndType + Checksum)
        {
            return false;
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        if (length > (uint)(rest.Length - LengthAndType - Checksum))
        {
            return false;
        }

        type = rest[4..LengthAndType];
        content = rest.Slice(LengthAndType, (int)length);
        rest = rest[(LengthAndType + (int)length + Checksum)..];
        return true;
    }
}
