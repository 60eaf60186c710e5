namespace Mnist.Core.Imaging;

/// <summary>A 28x28 grey image: row-major from the top left, 0 is black and 255 is white. The constructor checks the size.</summary>
public sealed class DigitImage
{
    public const int Width = 28;
    public const int Height = 28;
    public const int PixelCount = Width * Height;

    /// <summary>Classes that an image may have: the digits 0 to 9.</summary>
    public const int ClassCount = 10;

    private readonly ReadOnlyMemory<byte> _pixels;

    /// <param name="pixels">[28,28]; the image keeps a reference.</param>
    /// <param name="source">Where the digit lies on the photo; null for an image that was not cut from one.</param>
    public DigitImage(ReadOnlyMemory<byte> pixels, PixelBox? source = null)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(pixels.Length, PixelCount);
        _pixels = pixels;
        Source = source ?? new PixelBox(0, 0, Width, Height);
    }

    public ReadOnlySpan<byte> Pixels => _pixels.Span;

    /// <summary>The box of the digit on its photo, in pixels; the whole image if it was not cut from one.</summary>
    public PixelBox Source { get; }
}
