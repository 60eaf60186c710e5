using System.Numerics.Tensors;

namespace Mnist.Core.Imaging.Normalizing;

/// <summary>The difference of each pixel of a photo from the background, towards the ink, in grey levels. The background is about 0, independent of the light on it.</summary>
/// <param name="Ink">The differences, [height, width].</param>
/// <param name="Contrast">The mean difference of the ink.</param>
/// <param name="Noise">Standard deviation of the background.</param>
/// <param name="Unevenness">Standard deviation of the light on the background.</param>
internal sealed record InkPlane(Plane Ink, float Contrast, float Noise, float Unevenness)
{
    /// <summary>The longer side, in pixels, at which the background is estimated: shadows have no finer detail.</summary>
    private const int BackgroundSize = 256;

    /// <summary>The radius of the closing is 1/7 of the shorter side, so strokes may be 2/7 wide; wider structures belong to the background.</summary>
    private const int StrokeShare = 7;

    /// <summary>The median grey level from which the background is bright enough to estimate the light from it.</summary>
    private const float BrightBackground = 64;

    /// <summary>The largest gain in shadows; a larger one would amplify noise.</summary>
    private const float MaximumGain = 3;

    /// <summary>
    /// The quadratic model of the light is used if it leaves at most this share of the background's variance unexplained. A larger rest is the edge of a
    /// shadow, or ink wider than strokes are, and the model would add a slope to an even background.
    /// </summary>
    private const float UnexplainedShare = 0.05f;

    /// <summary>Pixels that are sampled to estimate a median or a mean.</summary>
    private const int SampleCount = 1 << 15;

    /// <summary>Separates ink from background: decides which of the two is brighter, then estimates the background under the ink.</summary>
    public static InkPlane Extract(Plane grey)
    {
        double factor = Math.Min(1, (double)BackgroundSize / Math.Max(grey.Width, grey.Height));
        var small = Resampling.Shrink(grey, Math.Max(1, (int)Math.Round(grey.Width * factor)), Math.Max(1, (int)Math.Round(grey.Height * factor)));
        int shorter = Math.Min(small.Width, small.Height);
        float sign = HasBrightInk(small, (shorter + 3) / 4) ? 1 : -1;

        // Bright ink is dark ink in the negative.
        var positive = new Plane(small.Width, small.Height);
        for (int i = 0; i < positive.Values.Length; i++)
        {
            positive.Values[i] = -sign * small.Values[i];
        }

        var background = Resampling.Enlarge(Background(positive, (shorter + StrokeShare - 1) / StrokeShare), grey.Width, grey.Height);
        float light = Measure(background).Median;
        var ink = new Plane(grey.Width, grey.Height);
        for (int i = 0; i < ink.Values.Length; i++)
        {
            float difference = background.Values[i] + (sign * grey.Values[i]);
            ink.Values[i] = difference * ShadowGain(light, background.Values[i]);
        }

        // The closing follows the brightest pixels of the paper, so the differences of the background are biased; their median is the bias.
        float bias = Measure(ink).Median;
        foreach (ref float value in ink.Values)
        {
            value -= bias;
        }

        return Of(ink, TensorPrimitives.StdDev<float>(background.Values));
    }

    /// <summary>The same photo after a mean filter, which reduces the noise.</summary>
    public InkPlane Smooth(int radius) => Of(PlaneFilters.Mean(Ink, radius), Unevenness);

    /// <summary>
    /// Estimates the background by a closing. Where the light falls off towards the edge of the photo, the clipped window holds brighter pixels on its inner
    /// side only, so the closing is too bright there and the edge would count as ink. The quadratic model of the light is therefore subtracted first.
    /// </summary>
    private static Plane Background(Plane positive, int radius)
    {
        var background = PlaneFilters.Close(positive, radius);
        var light = QuadraticFit.Of(background);
        if (Variance(Subtract(background, light)) > UnexplainedShare * Variance(background))
        {
            return background;
        }

        background = PlaneFilters.Close(Subtract(positive, light), radius);
        TensorPrimitives.Add(background.Values, light.Values, background.Values);
        return background;
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

    /// <summary>In a shadow, the contrast of ink shrinks in proportion to the light; this factor restores it. On a dark background the light cannot be estimated, and the factor is 1.</summary>
    private static float ShadowGain(float light, float background) =>
        light >= BrightBackground && background > 0 ? Math.Clamp(light / background, 1 / MaximumGain, MaximumGain) : 1;

    /// <summary>Ink covers a smaller area than background, so the differences from the local mean are skewed towards the ink: the sign of the third moment decides.</summary>
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
        // The step is odd, so that a grid with an even spacing is not sampled in the same columns only.
        int step = plane.Values.Length <= SampleCount ? 1 : (plane.Values.Length / SampleCount) | 1;
        float[] sample = new float[(plane.Values.Length + step - 1) / step];
        for (int i = 0; i < sample.Length; i++)
        {
            sample[i] = plane.Values[i * step];
        }

        Array.Sort(sample);

        // 1.4826 is the standard deviation of a normal distribution whose median absolute deviation is 1.
        return (sample[sample.Length / 2], 1.4826f * MedianDeviation(sample), ContrastOf(sample));
    }

    /// <summary>The median absolute deviation of sorted values: grows a window around the median until it holds half of the values.</summary>
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
    /// The mean of the values above a threshold of half that mean: iterative selection (Ridler and Calvard, "Picture thresholding using an iterative selection
    /// method", 1978) with the background at 0. It starts with the strongest thousandth of the pixels, which is the share of a thin digit on a large sheet.
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
