namespace Mnist.Core.Imaging;

/// <summary>A 28x28 grey image, row by row from the top left, 0 black to 255 white; valid by construction.</summary>
public sealed class DigitImage
{
    public const int Width = 28;
    public const int Height = 28;
    public const int PixelCount = Width * Height;

    private readonly byte[] _pixels;

    /// <param name="pixels">[28,28]; the image keeps the array.</param>
    public DigitImage(byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentOutOfRangeException.ThrowIfNotEqual(pixels.Length, PixelCount);
        _pixels = pixels;
    }

    public ReadOnlySpan<byte> Pixels => _pixels;
}
