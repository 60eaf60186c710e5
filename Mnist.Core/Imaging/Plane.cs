namespace Mnist.Core.Imaging;

/// <summary>One channel of a photo, row-major from the top left; the values have no fixed range.</summary>
internal sealed class Plane
{
    private readonly float[] _values;

    public Plane(int width, int height)
        : this(width, height, new float[width * height])
    {
    }

    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="values">[height, width]; the plane keeps a reference.</param>
    public Plane(int width, int height, float[] values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, width * height);
        (Width, Height, _values) = (width, height, values);
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>[Height, Width].</summary>
    public Span<float> Values => _values;

    public ref float this[int x, int y] => ref _values[(y * Width) + x];

    public Span<float> Row(int y) => _values.AsSpan(y * Width, Width);
}
