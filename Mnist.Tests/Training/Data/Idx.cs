using System.Buffers.Binary;
using Mnist.Training.Data;

namespace Mnist.Tests.Training.Data;

/// <summary>Writes IDX files.</summary>
internal static class Idx
{
    /// <summary>The big-endian header: magic number and sizes.</summary>
    public static byte[] Header(params int[] values)
    {
        byte[] header = new byte[4 * values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 * i), values[i]);
        }

        return header;
    }

    /// <summary>Writes a data set as a pair of files and returns their paths.</summary>
    public static (string Images, string Labels) Write(TemporaryFolder folder, DigitDataset digits) => (
        folder.Write("images-idx3-ubyte", [.. Header(0x0803, digits.Count, 28, 28), .. digits.Images]),
        folder.Write("labels-idx1-ubyte", [.. Header(0x0801, digits.Count), .. digits.Labels]));
}
