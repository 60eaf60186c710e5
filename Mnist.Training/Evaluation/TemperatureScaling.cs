using System.Globalization;
using System.Numerics.Tensors;
using Mnist.Inference.Model;
using Mnist.Training.Data;

namespace Mnist.Training.Evaluation;

/// <summary>
/// The one number by which logits are divided so that probabilities say how often the network is right (Guo, Pleiss, Sun and Weinberger 2017,
/// "On Calibration of Modern Neural Networks", arXiv 1706.04599). No class changes by it.
/// </summary>
public static class TemperatureScaling
{
    /// <summary>Key of the temperature in the metadata of weights.</summary>
    public const string MetadataKey = "temperature";

    /// <summary>The range of <see cref="Fit"/>: digits that are all right would ask for 0, digits that are all wrong for infinity.</summary>
    public const double Smallest = 1 / Largest;

    /// <inheritdoc cref="Smallest"/>
    public const double Largest = 20;

    /// <summary>Halvings of the range, on a logarithmic scale, that leave one part in 10^12.</summary>
    private const int Halvings = 43;

    /// <summary>
    /// The temperature T that minimises the mean of -log softmax(logits / T)[label]. Take images that the network was not trained on: of the
    /// others it knows too much.
    /// </summary>
    /// <param name="labels">The true digits [N], at least one.</param>
    /// <param name="logits">[N,10], finite.</param>
    /// <returns><see cref="Smallest"/> to <see cref="Largest"/>.</returns>
    public static double Fit(ReadOnlySpan<byte> labels, ReadOnlySpan<float> logits)
    {
        ArgumentOutOfRangeException.ThrowIfZero(labels.Length, nameof(labels));
        ArgumentOutOfRangeException.ThrowIfNotEqual(logits.Length, labels.Length * DigitDataset.ClassCount, nameof(logits));
        if (!TensorPrimitives.IsFiniteAll(logits))
        {
            throw new ArgumentException("A logit is not finite.", nameof(logits));
        }

        // The loss is convex in 1/T, so the sign of its slope tells the side on which the minimum is. Newton's method would crawl where nearly
        // all digits are right: slope and curvature vanish together.
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
    /// The network with all logits divided by a temperature, which its last layer does: nothing that runs the network has to know of it. The
    /// metadata get <see cref="MetadataKey"/>.
    /// </summary>
    /// <param name="weights">A network that has no temperature yet.</param>
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

    /// <summary>Of the mean loss with respect to 1/T: the mean of E[z] - z[label] under softmax(z / T).</summary>
    private static double Slope(ReadOnlySpan<byte> labels, ReadOnlySpan<float> logits, double inverse)
    {
        double slope = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            var row = logits.Slice(i * DigitDataset.ClassCount, DigitDataset.ClassCount);

            // Relative to the largest, so that nothing overflows.
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
