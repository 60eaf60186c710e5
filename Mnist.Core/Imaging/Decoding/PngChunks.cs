using System.Buffers.Binary;

namespace Mnist.Core.Imaging.Decoding;

/// <summary>
/// Walks the chunks of a PNG file (PNG specification, third edition, section 5). The codec library stops after the last row of pixels, so it accepts a
/// file without its end, bytes after the end, and the first frame of an animation. The service rejects all three, because the sender meant something else.
/// </summary>
internal static class PngChunks
{
    /// <summary>A chunk is a length and a type of 4 bytes each, the content, and a checksum of 4 bytes.</summary>
    private const int LengthAndType = 8;

    /// <inheritdoc cref="LengthAndType"/>
    private const int Checksum = 4;

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Checks that the file, which begins with <see cref="Signature"/>, is one complete picture and nothing else.</summary>
    /// <returns>The error; null if there is none.</returns>
    public static ImageError? Check(ReadOnlySpan<byte> file)
    {
        var rest = file[Signature.Length..];
        while (TryRead(ref rest, out var type, out _))
        {
            if (type.SequenceEqual("acTL"u8))
            {
                return ImageError.Invalid("is an animated PNG; expected a single picture.");
            }

            if (type.SequenceEqual("IEND"u8))
            {
                return rest.IsEmpty ? null : ImageError.Invalid($"has {rest.Length} bytes after the end of the PNG; send the file without them.");
            }
        }

        return ImageError.Invalid("is a truncated PNG: its IEND chunk is missing; send the whole file.");
    }

    /// <summary>The content of the first chunk of a type; empty if there is none.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> file, scoped ReadOnlySpan<byte> wanted)
    {
        var rest = file[Signature.Length..];
        while (TryRead(ref rest, out var type, out var content))
        {
            if (type.SequenceEqual(wanted))
            {
                return content;
            }
        }

        return [];
    }

    /// <summary>Takes the first chunk off <paramref name="rest"/>; false if no complete chunk is left. Checksums are not compared.</summary>
    public static bool TryRead(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> content)
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
