using System.Globalization;
using System.Numerics.Tensors;
using Mnist.Core.Imaging;
using Mnist.Inference.Model;

namespace Mnist.Training.Evaluation;

/// <summary>
/// Calibrates probabilities with a single temperature by which all logits are divided (Guo, Pleiss, Sun and Weinberger 2017, "On Calibration of Modern
/// Neural Networks", arXiv 1706.04599). Predicted classes do not change.
/// </summary>
public static class TemperatureScaling
{
    /// <summary>Key of the temperature in the metadata of a weights file.</summary>
    public const string MetadataKey = "temperature";

    /// <summary>Lower bound of <see cref="Fit"/>. Without bounds, digits that are all right would give 0 and digits that are all wrong infinity.</summary>
    public const double Smallest = 1 / Largest;

    /// <summary>Upper bound of <see cref="Fit"/>.</summary>
    public const double Largest = 20;

    /// <summary>Bisection steps on a logarithmic scale; they reduce the range to one part in 10^12.</summary>
    private const int Halvings = 43;

    /// <summary>
    /// The temperature T that minimises the mean of -log softmax(logits / T)[label]. The images must not be training images, on which the network is
    /// overconfident.
    /// </summary>
    /// <param name="labels">The true digits [N], at least one.</param>
    /// <param name="logits">[N,10], finite.</param>
    /// <returns><see cref="Smallest"/> to <see cref="Largest"/>.</returns>
    public static double Fit(ReadOnlySpan<byte> labels, ReadOnlySpan<float> logits)
    {
        ArgumentOutOfRangeException.ThrowIfZero(labels.Length, nameof(labels));
        ArgumentOutOfRangeException.ThrowIfNotEqual(logits.Length, labels.Length * DigitImage.ClassCount, nameof(logits));
        if (!TensorPrimitives.IsFiniteAll(logits))
        {
            throw new ArgumentException("A logit is not finite.", nameof(logits));
        }

        // The loss is convex in 1/T, so the sign of its slope tells on which side the minimum is. Newton's method converges slowly when nearly all digits
        // are right, because slope and curvature vanish together.
        double low = Smallest;
        double high = Largest;
        for (int i = 0; i < Halvings; i++)
        {
            double middle = Math.Sqrt(low * high);
            double slope = Slope(labels, logits, 1 / middle);
            if (slope == 0)
            {
                return middle;
            }

            (low, high) = slope < 0 ? (low, middle) : (middle, high);
        }

        return Math.Sqrt(low * high);
    }

    /// <summary>
    /// Divides the last layer's parameters by the temperature, so that the engine needs no temperature. The metadata gets <see cref="MetadataKey"/>.
    /// </summary>
    /// <param name="weights">A network without temperature.</param>
    /// <param name="temperature">More than 0.</param>
    public static NetworkWeights Fold(NetworkWeights weights, double temperature)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        var architecture = weights.Architecture;
        var tensors = architecture.Parameters.ToDictionary(parameter => parameter.Name, parameter => new WeightTensor(
            parameter.Dimensions,
            parameter.LayerIndex == architecture.Layers.Count - 1
                ? Divide(weights[parameter.Name], (float)temperature)
                : weights[parameter.Name].ToArray()));
        return new NetworkWeights(architecture, tensors, new Dictionary<string, string>(weights.Metadata)
        {
            [MetadataKey] = temperature.ToString(CultureInfo.InvariantCulture),
        });
    }

    private static float[] Divide(ReadOnlySpan<float> values, float divisor)
    {
        float[] quotients = new float[values.Length];
        TensorPrimitives.Divide(values, divisor, quotients);
        return quotients;
    }

    /// <summary>Derivative of the mean loss by 1/T: the mean of E[z] - z[label] under softmax(z / T).</summary>
    private static double Slope(ReadOnlySpan<byte> labels, ReadOnlySpan<float> logits, double inverse)
    {
        double slope = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            var row = logits.Slice(i * DigitImage.ClassCount, DigitImage.ClassCount);

            // Relative to the largest logit, so that exp does not overflow.
            double largest = TensorPrimitives.Max(row);
            double sum = 0;
            double moment = 0;
            foreach (float logit in row)
            {
                double weight = Math.Exp((logit - largest) * inverse);
                sum += weight;
                moment += weight * (logit - largest);
            }

            slope += (moment / sum) - (row[labels[i]] - largest);
        }

        return slope / labels.Length;
    }
}
