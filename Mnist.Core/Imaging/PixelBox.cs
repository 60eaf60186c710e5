namespace Mnist.Core.Imaging;

/// <summary>A rectangle of whole pixels; (0, 0) is the top left corner of the upright photo, after its orientation tag is applied.</summary>
public readonly record struct PixelBox(int X, int Y, int Width, int Height)
{
    /// <summary>The longer side.</summary>
    internal int Size => Math.Max(Width, Height);

    internal int Right => X + Width;

    internal int Bottom => Y + Height;

    internal bool Contains(PixelBox other) => other.X >= X && other.Y >= Y && other.Right <= Right && other.Bottom <= Bottom;

    /// <summary>The smallest box that contains both.</summary>
    internal PixelBox Union(PixelBox other)
    {
        int x = Math.Min(X, other.X);
        int y = Math.Min(Y, other.Y);
        return new PixelBox(x, y, Math.Max(Right, other.Right) - x, Math.Max(Bottom, other.Bottom) - y);
    }

    /// <summary>The gap between two boxes in pixels, along the axis with the larger gap; at most 0 if they touch or overlap.</summary>
    internal int GapTo(PixelBox other) =>
        Math.Max(Math.Max(X, other.X) - Math.Min(Right, other.Right), Math.Max(Y, other.Y) - Math.Min(Bottom, other.Bottom));
}
