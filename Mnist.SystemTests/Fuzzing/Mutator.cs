using System.Buffers.Binary;

namespace Mnist.SystemTests.Fuzzing;

/// <summary>Makes new inputs of known ones: flips, cuts, copies, splices, boundary numbers and the words of the format. The same seed gives the same inputs.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> corpus, IReadOnlyList<byte[]> words, int seed)
{
    private const int MaxLength = 256 * 1024;

    private static readonly long[] Boundaries = [0, 1, -1, sbyte.MaxValue, short.MaxValue, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, 28, 29];

    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        byte[] input = [.. Pick(corpus)];
        for (int changes = 1 << _random.Next(5); changes > 0; changes--)
        {
            input = Change(input);
        }

        return input.Length <= MaxLength ? input : input[..MaxLength];
    }

    private byte[] Change(byte[] input)
    {
        int at = _random.Next(input.Length + 1);
        int length = _random.Next(Math.Min(input.Length - at, 1 << _random.Next(12)) + 1);
        switch (_random.Next(8))
        {
            case 0 when at < input.Length:
                input[at] ^= (byte)(1 << _random.Next(8));
                return input;
            case 1 when at < input.Length:
                input[at] = (byte)_random.Next(256);
                return input;
            case 2:
                return [.. input[..at], .. input[(at + length)..]];
            case 3:
                return [.. input[..(at + length)], .. input[at..]];
            case 4:
                return [.. input[..at], .. Pick(words), .. input[(_random.Next(2) == 0 ? at : at + length)..]];
            case 5:
                byte[] other = Pick(corpus);
                int start = _random.Next(other.Length + 1);
                return [.. input[..at], .. other[start..]];
            case 6:
                WriteBoundary(input.AsSpan(at));
                return input;
            default:
                return PngWriter.WithChecksums(input);
        }
    }

    private void WriteBoundary(Span<byte> target)
    {
        long value = Boundaries[_random.Next(Boundaries.Length)];
        switch (target.Length)
        {
            case >= 8 when _random.Next(2) == 0:
                BinaryPrimitives.WriteInt64LittleEndian(target, value);
                break;
            case >= 4 when _random.Next(2) == 0:
                BinaryPrimitives.WriteInt32LittleEndian(target, (int)value);
                break;
            case >= 4:
                BinaryPrimitives.WriteInt32BigEndian(target, (int)value);
                break;
        }
    }

    private byte[] Pick(IReadOnlyList<byte[]> from) => from[_random.Next(from.Count)];
}
