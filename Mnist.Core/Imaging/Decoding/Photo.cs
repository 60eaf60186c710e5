namespace Mnist.Core.Imaging.Decoding;

/// <summary>A photo: an arbitrary picture, upright and opaque, at working size.</summary>
/// <param name="Red">0 to 255.</param>
/// <param name="Green">0 to 255.</param>
/// <param name="Blue">0 to 255.</param>
/// <param name="OriginalWidth">Width of the upright original in pixels.</param>
/// <param name="OriginalHeight">Height of the upright original in pixels.</param>
internal sealed record Photo(Plane Red, Plane Green, Plane Blue, int OriginalWidth, int OriginalHeight)
{
    /// <summary>The pixels of the original that a box on this photo covers.</summary>
    public PixelBox ToOriginal(PixelBox box)
    {
        double scaleX = (double)OriginalWidth / Red.Width;
        double scaleY = (double)OriginalHeight / Red.Height;
        int x = (int)(box.X * scaleX);
        int y = (int)(box.Y * scaleY);
        return new PixelBox(x, y, (int)Math.Ceiling(box.Right * scaleX) - x, (int)Math.Ceiling(box.Bottom * scaleY) - y);
    }
}
