namespace Mnist.Core.Imaging.Decoding;

/// <summary>A picture of any kind, upright and opaque, at a size to work with.</summary>
/// <param name="Red">0 to 255.</param>
/// <param name="Green">0 to 255.</param>
/// <param name="Blue">0 to 255.</param>
/// <param name="OriginalWidth">Columns of the original, upright.</param>
/// <param name="OriginalHeight">Rows of the original, upright.</param>
internal sealed record Photo(Plane Red, Plane Green, Plane Blue, int OriginalWidth, int OriginalHeight)
{
    /// <summary>The pixels of the original that a box of this picture covers.</summary>
    public PixelBox ToOriginal(PixelBox box)
    {
        double scaleX = (double)OriginalWidth / Red.Width;
        double scaleY = (double)OriginalHeight / Red.Height;
        int x = (int)(box.X * scaleX);
        int y = (int)(box.Y * scaleY);
        return new PixelBox(x, y, (int)Math.Ceiling(box.Right * scaleX) - x, (int)Math.Ceiling(box.Bottom * scaleY) - y);
    }
}
