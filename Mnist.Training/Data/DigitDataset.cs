namespace Mnist.Training.Data;

/// <summary>Labelled images of handwritten digits, in memory.</summary>
public sealed class DigitDataset
{
    public const int ImageHeight = 28;
    public const int ImageWidth = 28;
    public const int PixelCount = ImageHeight * ImageWidth;
    public const int ClassCount = 10;

    /// <param name="images">Pixels [N,28,28], 0..255, bright digit on dark ground.</param>
    /// <param name="labels">The true digits [N], 0..9.</param>
    /// <exception cref="InvalidDataException">The counts differ, or a label is no digit.</exception>
    public DigitDataset(byte[] images, byte[] labels)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(labels);
        if (images.Length != labels.Length * PixelCount)
        {
            throw new InvalidDataException($"{images.Length} pixels, expected {labels.Length * PixelCount} for {labels.Length} labels");
        }

        int bad = labels.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)(ClassCount - 1));
        if (bad >= 0)
        {
            throw new InvalidDataException($"label {bad} is {labels[bad]}, expected 0 to {ClassCount - 1}");
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

    /// <summary>Reads a pair of IDX files, plain or gzip.</summary>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or the two do not belong together; the message names the file.</exception>
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
    public ReadOnlySpan<byte> Image(int index) => Images.AsSpan(index * PixelCount, PixelCount);

    /// <summary>A copy of <paramref name="count"/> images in their order, from <paramref name="start"/> on.</summary>
    public DigitDataset Slice(int start, int count) =>
        new(Images.AsSpan(start * PixelCount, count * PixelCount).ToArray(), Labels.AsSpan(start, count).ToArray());

    /// <summary>
    /// Cuts the last images off for validation. MNIST's neighbours share a writer, so a block at the end is close to new writers; a random draw is not.
    /// </summary>
    public (DigitDataset Training, DigitDataset Validation) Split(int validationCount) =>
        (Slice(0, Count - validationCount), Slice(Count - validationCount, validationCount));
}
