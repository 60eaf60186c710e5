namespace Mnist.Core.Imaging;

/// <summary>A 28x28 grey image, row by row from the top left, 0 black to 255 white; valid by construction.</summary>
public sealed class DigitImage
{
    public const int Width = 28;
    public const int Height = 28;
    public const int PixelCount = Width * Height;

    /// <summary>Classes that an image may have: the digits 0 to 9.</summary>
    public const int ClassCount = 10;

    private readonly ReadOnlyMemory<byte> _pixels;

    /// <param name="pixels">[28,28]; the image keeps them.</param>
    /// <param name="source">Where the digit was found; the whole image where nothing was looked for.</param>
    public DigitImage(ReadOnlyMemory<byte> pixels, PixelBox? source = null)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(pixels.Length, PixelCount);
        _pixels = pixels;
        Source = source ?? new PixelBox(0, 0, Width, Height);
    }

    public ReadOnlySpan<byte> Pixels => _pixels.Span;

    /// <summary>The part of the picture that the digit was taken from.</summary>
    public PixelBox Source { get; }
}
