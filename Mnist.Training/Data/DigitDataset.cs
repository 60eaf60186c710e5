using Mnist.Core.Imaging;

namespace Mnist.Training.Data;

/// <summary>Labelled images of handwritten digits, in memory.</summary>
public sealed class DigitDataset
{
    /// <param name="images">Pixels [N,28,28], 0..255, bright digit on dark background.</param>
    /// <param name="labels">The true digits [N], 0..9.</param>
    /// <exception cref="InvalidDataException">The counts differ, or a label is not a digit.</exception>
    public DigitDataset(byte[] images, byte[] labels)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(labels);
        if (images.Length != labels.Length * DigitImage.PixelCount)
        {
            throw new InvalidDataException($"{images.Length} pixels, expected {labels.Length * DigitImage.PixelCount} for {labels.Length} labels");
        }

        int bad = labels.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)(DigitImage.ClassCount - 1));
        if (bad >= 0)
        {
            throw new InvalidDataException($"label {bad} is {labels[bad]}, expected 0 to {DigitImage.ClassCount - 1}");
        }

        Images = images;
        Labels = labels;
    }

    /// <summary>Pixels [N,28,28], 0..255, one image after another.</summary>
    public byte[] Images { get; }

    /// <summary>The true digits [N], 0..9.</summary>
    public byte[] Labels { get; }

    /// <summary>N, the number of images.</summary>
    public int Count => Labels.Length;

    /// <summary>Images [N,28,28] without labels, for classification only; all labels are 0.</summary>
    public static DigitDataset Unlabelled(byte[] images)
    {
        ArgumentNullException.ThrowIfNull(images);
        return new DigitDataset(images, new byte[images.Length / DigitImage.PixelCount]);
    }

    /// <summary>Reads a pair of IDX files, plain or gzip.</summary>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or the counts differ; the message names the file.</exception>
    public static DigitDataset Load(string imagesPath, string labelsPath)
    {
        byte[] images = IdxFile.ReadImages(imagesPath);
        byte[] labels = IdxFile.ReadLabels(labelsPath);
        try
        {
            return new DigitDataset(images, labels);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{labelsPath}: {e.Message} ({imagesPath})", e);
        }
    }

    /// <summary>The pixels [28,28] of one image.</summary>
    public ReadOnlySpan<byte> Image(int index) => Images.AsSpan(index * DigitImage.PixelCount, DigitImage.PixelCount);

    /// <summary>A copy of the <paramref name="count"/> images from index <paramref name="start"/> on.</summary>
    public DigitDataset Slice(int start, int count) =>
        new(Images.AsSpan(start * DigitImage.PixelCount, count * DigitImage.PixelCount).ToArray(), Labels.AsSpan(start, count).ToArray());

    /// <summary>A copy of the images at these indexes, in their order.</summary>
    public DigitDataset Select(IReadOnlyCollection<int> indexes) =>
        new([.. indexes.SelectMany(index => Image(index).ToArray())], [.. indexes.Select(index => Labels[index])]);

    /// <summary>
    /// Holds the last images back for validation. Neighbours in MNIST share a writer, so a block at the end has mostly new writers; a random sample would not.
    /// </summary>
    public (DigitDataset Training, DigitDataset Validation) Split(int validationCount) =>
        (Slice(0, Count - validationCount), Slice(Count - validationCount, validationCount));
}
