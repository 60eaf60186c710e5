using Mnist.Core.Imaging;
using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Training.Data;

namespace Mnist.Tests.Golden;

/// <summary>What ONNX Runtime's logits make of N digits, for a single network or a cascade.</summary>
/// <param name="Probabilities">[N,10].</param>
/// <param name="Doubtful">
/// The digits, by index, that lie so close to a cascade's threshold that rounding decides whether they are escalated: about these, two right
/// implementations may differ.
/// </param>
public sealed record OnnxPredictions(float[] Probabilities, IReadOnlyList<int> Doubtful)
{
    /// <summary>
    /// How close is doubtful, in log-odds of the confidence, which move as much as the logits do whether the threshold is 0.6 or 0.9999: ten
    /// times the largest difference of two logits that the engine benchmark tolerates.
    /// </summary>
    private const double LogOddsMargin = 1e-3;

    /// <summary>Asks ONNX Runtime; a cascade's rule is applied here, in double precision and without the engine.</summary>
    public static OnnxPredictions Of(Network network, DigitDataset digits)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.Cascade is { } rule ? OfCascade(network.Stages, rule, digits) : new OnnxPredictions(OfSingle(network.Stages[0], digits), []);
    }

    private static float[] OfSingle(NetworkWeights weights, DigitDataset digits)
    {
        using var reference = new OnnxReference(weights);
        return reference.Probabilities(digits);
    }

    private static OnnxPredictions OfCascade(IReadOnlyList<NetworkWeights> networks, CascadeRule rule, DigitDataset digits)
    {
        double[][] first = Logits(networks[0], digits);
        double[][][] logits = [.. from view in Views(digits) from network in networks select Logits(network, view)];   // [views x networks][N][10]
        double threshold = Math.Log(rule.Threshold / (1 - rule.Threshold));
        List<float> probabilities = [];
        List<int> doubtful = [];
        for (int i = 0; i < digits.Count; i++)
        {
            double confidence = LogOddsOfLargest(first[i]);
            if (Math.Abs(confidence - threshold) < LogOddsMargin)
            {
                doubtful.Add(i);
            }

            double[] answer = confidence >= threshold
                ? first[i]
                : [.. first[i].Select((_, digit) => logits.Average(answer => answer[i][digit]) / rule.Temperature)];
            double sum = answer.Sum(logit => Math.Exp(logit - answer.Max()));
            probabilities.AddRange(answer.Select(logit => (float)(Math.Exp(logit - answer.Max()) / sum)));
        }

        return new OnnxPredictions([.. probabilities], doubtful);
    }

    /// <summary>The digits as they are, and one pixel further to the left, the right, the top and the bottom.</summary>
    private static IEnumerable<DigitDataset> Views(DigitDataset digits)
    {
        const int Side = DigitImage.Width;
        return [digits, Map((x, y) => (x + 1, y)), Map((x, y) => (x - 1, y)), Map((x, y) => (x, y + 1)), Map((x, y) => (x, y - 1))];

        DigitDataset Map(Func<int, int, (int X, int Y)> from)
        {
            byte[] pixels = new byte[digits.Images.Length];
            for (int i = 0; i < pixels.Length; i++)
            {
                var (x, y) = from(i % Side, i / Side % Side);
                pixels[i] = x is >= 0 and < Side && y is >= 0 and < Side ? digits.Images[i - (i % DigitImage.PixelCount) + (y * Side) + x] : (byte)0;
            }

            return new DigitDataset(pixels, digits.Labels);
        }
    }

    private static double[][] Logits(NetworkWeights weights, DigitDataset digits)
    {
        using var reference = new OnnxReference(weights);
        return [.. reference.Logits(digits).Select(logit => (double)logit).Chunk(DigitImage.ClassCount)];
    }

    /// <summary>log(p / (1 - p)) of the largest probability p: the largest logit less the logarithm of what the others add up to.</summary>
    private static double LogOddsOfLargest(double[] logits)
    {
        double largest = logits.Max();
        return -Math.Log(logits.Sum(logit => Math.Exp(logit - largest)) - 1);
    }
}
