namespace Mnist.Core.Imaging.Decoding;

/// <summary>The EXIF orientation tag: 1 is upright, 2 to 8 are the other combinations of rotating and mirroring.</summary>
internal readonly record struct Orientation(int Tag)
{
    private bool SwapsAxes => Tag >= 5;

    /// <summary>The upright size of a photo that is stored with this size.</summary>
    public (int Width, int Height) SizeOf(int width, int height) => SwapsAxes ? (height, width) : (width, height);

    /// <summary>The index at which an upright pixel is stored; the stored photo has <paramref name="width"/> x <paramref name="height"/> pixels.</summary>
    public int IndexOf(int x, int y, int width, int height)
    {
        var (column, row) = SwapsAxes ? (y, x) : (x, y);
        bool mirrorsColumns = Tag is 2 or 3 or 7 or 8;
        bool mirrorsRows = Tag is 3 or 4 or 6 or 7;
        return ((mirrorsRows ? height - 1 - row : row) * width) + (mirrorsColumns ? width - 1 - column : column);
    }
}
