using Mnist.Training.Data;

namespace Mnist.Training;

/// <summary>Strength of the random distortion that each training image gets, fresh in every epoch.</summary>
/// <remarks>
/// A random affine map and a smooth random displacement after Simard, Steinkraus and Platt (2003), "Best practices for convolutional
/// neural networks applied to visual document analysis".
/// </remarks>
public sealed record AugmentationOptions
{
    public static AugmentationOptions None { get; } = new() { RotationDegrees = 0, ScaleFraction = 0, ShearDegrees = 0, ShiftPixels = 0, ElasticPixels = 0 };

    /// <summary>Largest rotation to either side.</summary>
    public double RotationDegrees { get; init; } = 10;

    /// <summary>Largest change of size, drawn for each axis.</summary>
    public double ScaleFraction { get; init; } = 0.08;

    /// <summary>Largest slant to either side.</summary>
    public double ShearDegrees { get; init; } = 5;

    /// <summary>Largest shift along each axis.</summary>
    public double ShiftPixels { get; init; } = 2;

    /// <summary>Standard deviation of the displacement of each control point of the elastic grid.</summary>
    public double ElasticPixels { get; init; } = 0.8;
}

/// <summary>Distorts images. One instance for each thread.</summary>
internal sealed class Augmentation(AugmentationOptions options)
{
    /// <summary>Control points along each axis; between them the displacement is interpolated linearly.</summary>
    private const int GridSize = 5;

    private const float Centre = (DigitDataset.ImageWidth - 1) / 2f;

    private const float GridSpacing = (DigitDataset.ImageWidth - 1) / (float)(GridSize - 1);

    private readonly float[] _displacementX = new float[GridSize * GridSize];
    private readonly float[] _displacementY = new float[GridSize * GridSize];

    /// <param name="source">[28, 28].</param>
    /// <param name="random">Decides the distortion.</param>
    /// <param name="destination">Receives [28, 28].</param>
    public void Apply(ReadOnlySpan<float> source, Random random, Span<float> destination)
    {
        // The map goes from the destination to the source, so every destination pixel gets a value.
        double angle = Uniform(random, options.RotationDegrees) * Math.PI / 180;
        double shear = Math.Tan(Uniform(random, options.ShearDegrees) * Math.PI / 180);
        double scaleX = 1 / (1 + Uniform(random, options.ScaleFraction));
        double scaleY = 1 / (1 + Uniform(random, options.ScaleFraction));
        float xx = (float)(Math.Cos(angle) * scaleX);
        float xy = (float)((Math.Sin(angle) + shear) * scaleX);
        float yx = (float)(-Math.Sin(angle) * scaleY);
        float yy = (float)(Math.Cos(angle) * scaleY);
        float shiftX = Centre + (float)Uniform(random, options.ShiftPixels);
        float shiftY = Centre + (float)Uniform(random, options.ShiftPixels);
        Displace(random);
        for (int y = 0; y < DigitDataset.ImageHeight; y++)
        {
            for (int x = 0; x < DigitDataset.ImageWidth; x++)
            {
                float fromCentreX = x - Centre;
                float fromCentreY = y - Centre;
                var (dx, dy) = Displacement(x, y);
                destination[(y * DigitDataset.ImageWidth) + x] = Sample(
                    source,
                    (xx * fromCentreX) + (xy * fromCentreY) + shiftX + dx,
                    (yx * fromCentreX) + (yy * fromCentreY) + shiftY + dy);
            }
        }
    }

    private static double Uniform(Random random, double limit) => ((2 * random.NextDouble()) - 1) * limit;

    private void Displace(Random random)
    {
        for (int i = 0; i < _displacementX.Length; i++)
        {
            // Box-Muller: two uniform numbers make two independent normal ones.
            double radius = options.ElasticPixels * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            var (sine, cosine) = Math.SinCos(2 * Math.PI * random.NextDouble());
            _displacementX[i] = (float)(radius * cosine);
            _displacementY[i] = (float)(radius * sine);
        }
    }

    private (float X, float Y) Displacement(int x, int y)
    {
        float column = x / GridSpacing;
        float row = y / GridSpacing;
        int left = Math.Min((int)column, GridSize - 2);
        int top = Math.Min((int)row, GridSize - 2);
        int corner = (top * GridSize) + left;
        return (Interpolate(_displacementX, corner, GridSize, column - left, row - top), Interpolate(_displacementY, corner, GridSize, column - left, row - top));
    }

    private static float Sample(ReadOnlySpan<float> source, float x, float y)
    {
        float left = MathF.Floor(x);
        float top = MathF.Floor(y);
        int column = (int)left;
        int row = (int)top;
        if (column >= 0 && row >= 0 && column < DigitDataset.ImageWidth - 1 && row < DigitDataset.ImageHeight - 1)
        {
            return Interpolate(source, (row * DigitDataset.ImageWidth) + column, DigitDataset.ImageWidth, x - left, y - top);
        }

        // Outside there is background. MNIST keeps four empty pixels on each side, so the outermost row and column may count as outside, too.
        return 0;
    }

    private static float Interpolate(ReadOnlySpan<float> values, int corner, int stride, float right, float down)
    {
        float top = values[corner] + (right * (values[corner + 1] - values[corner]));
        float bottom = values[corner + stride] + (right * (values[corner + stride + 1] - values[corner + stride]));
        return top + (down * (bottom - top));
    }
}
