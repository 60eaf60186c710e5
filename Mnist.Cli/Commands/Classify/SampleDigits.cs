using System.Globalization;
using Mnist.Core.Imaging;
using Mnist.Training.Data;

namespace Mnist.Cli.Commands.Classify;

/// <summary>Writes MNIST test digits as image files.</summary>
internal static class SampleDigits
{
    public const int Count = 10;

    /// <summary>Writes <see cref="Count"/> random digits as 8-bit grey PNG files. Their names have label and index, such as 7_00042.png.</summary>
    public static IReadOnlyList<DigitFile> Write(DigitDataset digits, string folder, Random random)
    {
        Directory.CreateDirectory(folder);
        int[] order = [.. Enumerable.Range(0, digits.Count)];
        random.Shuffle(order);
        return [.. order.Take(Count).Select(index =>
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{digits.Labels[index]}_{index:D5}.png");
            string path = Path.Combine(folder, name);
            File.WriteAllBytes(path, DigitPng.Encode(digits.Image(index)));
            return DigitFile.Of(path);
        })];
    }
}
