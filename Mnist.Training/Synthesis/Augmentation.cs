using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mnist.Core.Imaging;

namespace Mnist.Training.Synthesis;

/// <summary>Strength of the random distortion of the training images; every image is distorted anew in every epoch.</summary>
/// <remarks>
/// A random affine map and a smooth random displacement after Simard, Steinkraus and Platt (2003), "Best practices for convolutional
/// neural networks applied to visual document analysis".
/// </remarks>
public sealed record AugmentationOptions
{
    /// <summary>No distortion.</summary>
    public static AugmentationOptions None { get; } = new() { RotationDegrees = 0, ScaleFraction = 0, ShearDegrees = 0, ShiftPixels = 0, ElasticPixels = 0 };

    /// <summary>Largest rotation in either direction, in degrees.</summary>
    public double RotationDegrees { get; init; } = 10;

    /// <summary>Largest relative change of size, drawn for each axis.</summary>
    public double ScaleFraction { get; init; } = 0.08;

    /// <summary>Largest slant in either direction, in degrees.</summary>
    public double ShearDegrees { get; init; } = 5;

    /// <summary>Largest shift along each axis, in pixels.</summary>
    public double ShiftPixels { get; init; } = 2;

    /// <summary>Standard deviation of the displacement of each control point of the elastic grid, in pixels.</summary>
    public double ElasticPixels { get; init; } = 0.8;
}

/// <summary>Distorts images. Not thread-safe: one instance per thread.</summary>
internal sealed class Augmentation(AugmentationOptions options)
{
    private const int Side = DigitImage.Width;

    private const float Centre = (Side - 1) / 2f;

    /// <summary>Control points along each axis; the displacement between them is interpolated linearly.</summary>
    private const int GridSize = 5;

    private const float GridSpacing = (Side - 1) / (float)(GridSize - 1);

    /// <summary>Width of the background around the image: samples beyond the image read 0 without a branch per pixel.</summary>
    private const int Border = 2;

    private const int BorderedSide = Side + (2 * Border);

    /// <summary>Length of a row, rounded up to whole vectors.</summary>
    private const int PaddedSide = 32;

    // Row or column x lies between the control points Before[x] and Before[x] + 1, at the fraction Share[x] of their distance.
    private static readonly int[] Before = [.. Enumerable.Range(0, Side).Select(x => Math.Min((int)(x / GridSpacing), GridSize - 2))];
    private static readonly float[] Share = [.. Enumerable.Range(0, Side).Select(x => (x / GridSpacing) - Before[x])];

    // [control point, column]: weight of each control point of a row in the interpolation of each column.
    private static readonly float[] ColumnShare = ControlShares();

    private static readonly float[] FromCentre = [.. Enumerable.Range(0, PaddedSide).Select(x => x - Centre)];

    private readonly float[] _bordered = new float[BorderedSide * BorderedSide];
    private readonly float[] _displacementX = new float[GridSize * GridSize];
    private readonly float[] _displacementY = new float[GridSize * GridSize];

    // For one destination row: first the displacements; after Locate the fractions of the source positions, and the offsets of their upper left pixels.
    private readonly float[] _rowX = new float[PaddedSide];
    private readonly float[] _rowY = new float[PaddedSide];
    private readonly int[] _corner = new int[PaddedSide];

    /// <param name="source">[28,28].</param>
    /// <param name="random">Source of the distortion.</param>
    /// <param name="destination">Receives [28,28].</param>
    public void Apply(ReadOnlySpan<float> source, Random random, Span<float> destination)
    {
        // The map goes from destination to source, so every destination pixel gets a value.
        double angle = Uniform(random, options.RotationDegrees) * Math.PI / 180;
        double shear = Math.Tan(Uniform(random, options.ShearDegrees) * Math.PI / 180);
        double scaleX = 1 / (1 + Uniform(random, options.ScaleFraction));
        double scaleY = 1 / (1 + Uniform(random, options.ScaleFraction));
        float xx = (float)(Math.Cos(angle) * scaleX);
        float xy = (float)((Math.Sin(angle) + shear) * scaleX);
        float yx = (float)(-Math.Sin(angle) * scaleY);
        float yy = (float)(Math.Cos(angle) * scaleY);
        float shiftX = Border + Centre + (float)Uniform(random, options.ShiftPixels);
        float shiftY = Border + Centre + (float)Uniform(random, options.ShiftPixels);
        Displace(random);
        for (int y = 0; y < Side; y++)
        {
            source.Slice(y * Side, Side).CopyTo(_bordered.AsSpan(((y + Border) * BorderedSide) + Border));
        }

        for (int y = 0; y < Side; y++)
        {
            InterpolateRow(_displacementX, y, _rowX);
            InterpolateRow(_displacementY, y, _rowY);
            Locate(
                new Vector<float>(xx), new Vector<float>((xy * (y - Centre)) + shiftX),
                new Vector<float>(yx), new Vector<float>((yy * (y - Centre)) + shiftY));
            Sample(destination.Slice(y * Side, Side));
        }
    }

    private static float[] ControlShares()
    {
        float[] shares = new float[GridSize * PaddedSide];
        for (int x = 0; x < Side; x++)
        {
            shares[(Before[x] * PaddedSide) + x] = 1 - Share[x];
            shares[((Before[x] + 1) * PaddedSide) + x] = Share[x];
        }

        return shares;
    }

    private static double Uniform(Random random, double limit) => ((2 * random.NextDouble()) - 1) * limit;

    private void Displace(Random random)
    {
        for (int i = 0; i < _displacementX.Length; i++)
        {
            var (x, y) = random.NextNormals(options.ElasticPixels);
            _displacementX[i] = (float)x;
            _displacementY[i] = (float)y;
        }
    }

    /// <summary>Displacement of each pixel of row <paramref name="y"/>, bilinear between the control points.</summary>
    private static void InterpolateRow(ReadOnlySpan<float> grid, int y, Span<float> row)
    {
        var above = grid.Slice(Before[y] * GridSize, GridSize);
        var below = grid.Slice((Before[y] + 1) * GridSize, GridSize);
        for (int x = 0; x < PaddedSide; x += Vector<float>.Count)
        {
            var sum = Vector<float>.Zero;
            for (int i = 0; i < GridSize; i++)
            {
                float control = above[i] + (Share[y] * (below[i] - above[i]));
                sum += control * new Vector<float>(ColumnShare, (i * PaddedSide) + x);
            }

            sum.CopyTo(row[x..]);
        }
    }

    /// <summary>Replaces the row's displacements by the offset of the upper left of the four source pixels and the fractions between them.</summary>
    private void Locate(Vector<float> xx, Vector<float> originX, Vector<float> yx, Vector<float> originY)
    {
        // Everything from the outermost border pixel on is background.
        var limit = new Vector<float>(BorderedSide - 2);
        for (int i = 0; i < PaddedSide; i += Vector<float>.Count)
        {
            var fromCentre = new Vector<float>(FromCentre, i);
            var x = Vector.Min(Vector.Max((xx * fromCentre) + originX + new Vector<float>(_rowX, i), Vector<float>.Zero), limit);
            var y = Vector.Min(Vector.Max((yx * fromCentre) + originY + new Vector<float>(_rowY, i), Vector<float>.Zero), limit);
            var column = Vector.ConvertToInt32(x);
            var row = Vector.ConvertToInt32(y);
            (x - Vector.ConvertToSingle(column)).CopyTo(_rowX, i);
            (y - Vector.ConvertToSingle(row)).CopyTo(_rowY, i);
            ((row * BorderedSide) + column).CopyTo(_corner, i);
        }
    }

    /// <summary>Bilinear interpolation in the bordered image.</summary>
    private void Sample(Span<float> destination)
    {
        ref float image = ref MemoryMarshal.GetArrayDataReference(_bordered);
        for (int x = 0; x < destination.Length; x++)
        {
            ref float corner = ref Unsafe.Add(ref image, _corner[x]);
            ref float below = ref Unsafe.Add(ref corner, BorderedSide);
            float right = _rowX[x];
            float top = corner + (right * (Unsafe.Add(ref corner, 1) - corner));
            float bottom = below + (right * (Unsafe.Add(ref below, 1) - below));
            destination[x] = top + (_rowY[x] * (bottom - top));
        }
    }
}
