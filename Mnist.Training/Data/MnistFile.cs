using System.Security.Cryptography;

namespace Mnist.Training.Data;

/// <summary>One of the four files in which MNIST is published.</summary>
/// <param name="Name">Name of the unpacked file.</param>
/// <param name="Length">Length of the unpacked file in bytes.</param>
/// <param name="Md5">The published checksum of the unpacked content, lower-case hex.</param>
public sealed record MnistFile(string Name, int Length, string Md5)
{
    /// <summary>Number of the last training images that are held back for validation. All choices are made on them, never on the test images.</summary>
    public const int ValidationCount = 10_000;

    public static MnistFile TrainImages { get; } = new("train-images-idx3-ubyte", 47_040_016, "6bbc9ace898e44ae57da46a324031adb");
    public static MnistFile TrainLabels { get; } = new("train-labels-idx1-ubyte", 60_008, "a25bea736e30d166cdddb491f175f624");
    public static MnistFile TestImages { get; } = new("t10k-images-idx3-ubyte", 7_840_016, "2646ac647ad5339dbf082846283269ea");
    public static MnistFile TestLabels { get; } = new("t10k-labels-idx1-ubyte", 10_008, "27ae3e4e09519cfbb04c329615203637");
    public static IReadOnlyList<MnistFile> All { get; } = [TrainImages, TrainLabels, TestImages, TestLabels];

    /// <summary>The 60,000 training images of a folder that holds the files, plain or as .gz.</summary>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static DigitDataset LoadTrain(string folder) => DigitDataset.Load(TrainImages.PathIn(folder), TrainLabels.PathIn(folder));

    /// <summary>The last 10,000 training images of a folder that holds the files, plain or as .gz.</summary>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static DigitDataset LoadValidation(string folder) => LoadTrain(folder).Split(ValidationCount).Validation;

    /// <summary>The 10,000 test images of a folder that holds the files, plain or as .gz.</summary>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static DigitDataset LoadTest(string folder) => DigitDataset.Load(TestImages.PathIn(folder), TestLabels.PathIn(folder));

    /// <summary>Path of the file in a folder: that of the .gz file if only that one exists.</summary>
    public string PathIn(string folder)
    {
        string plain = Path.Combine(folder, Name);
        string packed = plain + ".gz";
        return !File.Exists(plain) && File.Exists(packed) ? packed : plain;
    }

    /// <summary>Whether unpacked content has the length and checksum of this file.</summary>
    public bool Matches(ReadOnlySpan<byte> content) => content.Length == Length && Checksum(content) == Md5;

#pragma warning disable CA5351 // Only MD5 sums are published for these files. They detect broken downloads and protect no secret.
    /// <summary>MD5 of the content, lower-case hex.</summary>
    public static string Checksum(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(MD5.HashData(content));
#pragma warning restore CA5351
}
