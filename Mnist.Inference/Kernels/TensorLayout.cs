using Mnist.Inference.Model;

namespace Mnist.Inference.Kernels;

/// <summary>
/// Memory layout of one image's activations: NHWC with a border of zeros for the convolution that reads them, and channels padded with zeros to
/// whole vectors.
/// </summary>
/// <param name="Height">Rows without the border.</param>
/// <param name="Width">Columns without the border.</param>
/// <param name="ChannelStride">Values per pixel, including padding.</param>
/// <param name="Halo">Zeros on each side.</param>
/// <param name="ExcessRows">Rows of zeros below the halo, for Winograd tiles that extend beyond it.</param>
/// <param name="ExcessColumns">Columns of zeros to the right of the halo, likewise.</param>
internal readonly record struct TensorLayout(int Height, int Width, int ChannelStride, int Halo, int ExcessRows = 0, int ExcessColumns = 0)
{
    /// <summary>Lanes of the widest vector: its multiples are multiples of every width.</summary>
    public const int Lanes = 16;

    public int RowStride => (Width + (2 * Halo) + ExcessColumns) * ChannelStride;

    public int ImageStride => (Height + (2 * Halo) + ExcessRows) * RowStride;

    /// <summary>Layout of a layer's output of shape <paramref name="shape"/>, without a border.</summary>
    public static TensorLayout ForOutput(Shape shape) => new(shape.Height, shape.Width, RoundUp(shape.Channels), Halo: 0);

    public static int RoundUp(int channels) => (channels + Lanes - 1) / Lanes * Lanes;

    public TensorLayout WithBorder(int halo, int excessRows, int excessColumns) =>
        this with { Halo = halo, ExcessRows = excessRows, ExcessColumns = excessColumns };

    public TensorLayout WithoutBorder() => WithBorder(0, 0, 0);

    /// <summary>Index of channel 0 of pixel (y, x), with (0, 0) inside the border; coordinates of the border's top and left are negative.</summary>
    public int Offset(int y, int x) => ((y + Halo) * RowStride) + ((x + Halo) * ChannelStride);

    /// <summary>Copies one dense image [H, W, C], C being the channel stride, inside the border.</summary>
    /// <param name="image">The image.</param>
    /// <param name="destination">Starts with the border of the image.</param>
    public void CopyInside(ReadOnlySpan<float> image, Span<float> destination)
    {
        int row = Width * ChannelStride;
        for (int y = 0; y < Height; y++)
        {
            image.Slice(y * row, row).CopyTo(destination[Offset(y, 0)..]);
        }
    }

    /// <summary>Copies one image of this layout, shifted by whole pixels; pixels shifted in are zero.</summary>
    public void CopyShifted(ReadOnlySpan<float> image, int down, int right, Span<float> destination)
    {
        destination.Clear();
        int kept = (Width - Math.Abs(right)) * ChannelStride;
        for (int y = Math.Max(0, down); y < Math.Min(Height, Height + down); y++)
        {
            image.Slice(Offset(y - down, Math.Max(0, -right)), kept).CopyTo(destination[Offset(y, Math.Max(0, right))..]);
        }
    }

    /// <summary>Offsets of the pixels of a square window of side <paramref name="size"/>, row by row, relative to the first one.</summary>
    public int[] Window(int size) => Offsets(WithoutBorder() with { Width = RowStride / ChannelStride }, size, size, shift: 0);

    /// <summary>For each pixel (y, x), row by row, the <see cref="Offset"/> of (y + <paramref name="shift"/>, x + <paramref name="shift"/>).</summary>
    public static int[] Offsets(TensorLayout layout, int height, int width, int shift)
    {
        int[] offsets = new int[height * width];
        for (int i = 0; i < offsets.Length; i++)
        {
            offsets[i] = layout.Offset((i / width) + shift, (i % width) + shift);
        }

        return offsets;
    }
}
