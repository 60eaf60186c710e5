using System.Numerics.Tensors;

namespace Mnist.Core.Imaging.Normalizing;

/// <summary>How much each pixel of a picture differs from the ground towards the ink, in grey levels: the ground is about 0, whatever its light.</summary>
/// <param name="Ink">The differences.</param>
/// <param name="Contrast">What the ink has on average.</param>
/// <param name="Noise">Standard deviation of the ground.</param>
/// <param name="Unevenness">Standard deviation of the light on the ground.</param>
internal sealed record InkPlane(Plane Ink, float Contrast, float Noise, float Unevenness)
{
    /// <summary>Shadows have no detail that needs more pixels than this on the longer side.</summary>
    private const int GroundSize = 256;

    /// <summary>Strokes are narrower than twice this share of the shorter side; what is wider belongs to the ground.</summary>
    private const int StrokeShare = 7;

    /// <summary>Grey levels from which a ground tells how much light there is.</summary>
    private const float BrightGround = 64;

    /// <summary>Darker shadows would bring up noise.</summary>
    private const float MaximumGain = 3;

    /// <summary>
    /// Light that falls off leaves at most this share of the ground's variance unexplained. More is the edge of a shadow, or ink that is wider than
    /// strokes are: a slope through these would tilt what is even.
    /// </summary>
    private const float UnexplainedShare = 0.05f;

    /// <summary>Enough pixels to estimate a median or a mean.</summary>
    private const int SampleCount = 1 << 15;

    /// <summary>Separates ink from ground: estimates which of the two is bright, then what the ground looks like under the ink.</summary>
    public static InkPlane Extract(Plane grey)
    {
        double factor = Math.Min(1, (double)GroundSize / Math.Max(grey.Width, grey.Height));
        var small = Resampling.Shrink(grey, Math.Max(1, (int)Math.Round(grey.Width * factor)), Math.Max(1, (int)Math.Round(grey.Height * factor)));
        int shorter = Math.Min(small.Width, small.Height);
        float sign = HasBrightInk(small, (shorter + 3) / 4) ? 1 : -1;

        // Bright ink is dark ink of the negative.
        var positive = new Plane(small.Width, small.Height);
        for (int i = 0; i < positive.Values.Length; i++)
        {
            positive.Values[i] = -sign * small.Values[i];
        }

        var ground = Resampling.Enlarge(Ground(positive, (shorter + StrokeShare - 1) / StrokeShare), grey.Width, grey.Height);
        float light = Measure(ground).Median;
        var ink = new Plane(grey.Width, grey.Height);
        for (int i = 0; i < ink.Values.Length; i++)
        {
            float difference = ground.Values[i] + (sign * grey.Values[i]);
            ink.Values[i] = difference * ShadowGain(light, ground.Values[i]);
        }

        // The closing follows the brightest grains of the paper.
        float bias = Measure(ink).Median;
        foreach (ref float value in ink.Values)
        {
            value -= bias;
        }

        return Of(ink, TensorPrimitives.StdDev<float>(ground.Values));
    }

    /// <summary>The same with the noise smoothed out.</summary>
    public InkPlane Smooth(int radius) => Of(PlaneFilters.Mean(Ink, radius), Unevenness);

    /// <summary>
    /// What a closing leaves. Where the light falls off towards an edge, the closing alone would go on there with the light of its window's other end,
    /// and the edge would be darker than its ground: ink. So what is light comes out first.
    /// </summary>
    private static Plane Ground(Plane positive, int radius)
    {
        var ground = PlaneFilters.Close(positive, radius);
        var light = QuadraticFit.Of(ground);
        if (Variance(Subtract(ground, light)) > UnexplainedShare * Variance(ground))
        {
            return ground;
        }

        ground = PlaneFilters.Close(Subtract(positive, light), radius);
        TensorPrimitives.Add(ground.Values, light.Values, ground.Values);
        return ground;
    }

    private static Plane Subtract(Plane left, Plane right)
    {
        var difference = new Plane(left.Width, left.Height);
        TensorPrimitives.Subtract(left.Values, right.Values, difference.Values);
        return difference;
    }

    private static float Variance(Plane plane)
    {
        float deviation = TensorPrimitives.StdDev<float>(plane.Values);
        return deviation * deviation;
    }

    private static InkPlane Of(Plane ink, float unevenness)
    {
        var (_, noise, contrast) = Measure(ink);
        return new InkPlane(ink, contrast, noise, unevenness);
    }

    /// <summary>Ink in a shadow is as much nearer to its ground as the ground is darker. Dark ground is too close to the noise to tell.</summary>
    private static float ShadowGain(float light, float ground) =>
        light >= BrightGround && ground > 0 ? Math.Clamp(light / ground, 1 / MaximumGain, MaximumGain) : 1;

    /// <summary>Ink covers less of its surroundings than ground does, so that differences from the local mean are skewed towards it.</summary>
    private static bool HasBrightInk(Plane grey, int radius)
    {
        var mean = PlaneFilters.Mean(grey, radius);
        double thirdMoment = 0;
        for (int i = 0; i < grey.Values.Length; i++)
        {
            double difference = grey.Values[i] - mean.Values[i];
            thirdMoment += difference * difference * difference;
        }

        return thirdMoment > 0;
    }

    private static (float Median, float Noise, float Contrast) Measure(Plane plane)
    {
        // An odd step: columns of a grid must not be all that is seen.
        int step = plane.Values.Length <= SampleCount ? 1 : (plane.Values.Length / SampleCount) | 1;
        float[] sample = new float[(plane.Values.Length + step - 1) / step];
        for (int i = 0; i < sample.Length; i++)
        {
            sample[i] = plane.Values[i * step];
        }

        Array.Sort(sample);

        // 1.4826: standard deviation of a normal distribution whose median absolute deviation is 1.
        return (sample[sample.Length / 2], 1.4826f * MedianDeviation(sample), ContrastOf(sample));
    }

    /// <summary>The median distance from the median, of sorted values: the window of half of them that is closest around it.</summary>
    private static float MedianDeviation(float[] sorted)
    {
        int middle = sorted.Length / 2;
        int low = middle;
        int high = middle;
        while (high - low < middle)
        {
            bool takeLow = low > 0 && (high == sorted.Length - 1 || sorted[middle] - sorted[low - 1] <= sorted[high + 1] - sorted[middle]);
            low -= takeLow ? 1 : 0;
            high += takeLow ? 0 : 1;
        }

        return Math.Max(sorted[middle] - sorted[low], sorted[high] - sorted[middle]);
    }

    /// <summary>
    /// The mean of what is above half the mean (Ridler and Calvard, "Picture thresholding using an iterative selection method", 1978), begun at the
    /// strongest ink: a thin digit on a large sheet is a thousandth of its pixels.
    /// </summary>
    private static float ContrastOf(float[] sorted)
    {
        int start = sorted.Length - Math.Max(1, sorted.Length / 1000);
        double sum = 0;
        for (int i = start; i < sorted.Length; i++)
        {
            sum += sorted[i];
        }

        while (start > 0 && sorted[start - 1] > sum / (sorted.Length - start) / 2)
        {
            sum += sorted[--start];
        }

        return (float)(sum / (sorted.Length - start));
    }
}
