using Mnist.Training.Data;

namespace Mnist.Training.Evaluation;

/// <summary>The number that logits are divided by so that probabilities say how often they are right. Guo et al. 2017, arXiv 1706.04599.</summary>
public static class TemperatureScaling
{
    private const double Smallest = 0.01;
    private const double Largest = 100;

    /// <summary>The temperature with the least negative log-likelihood, from 0.01 to 100.</summary>
    /// <param name="labels">The true digits [N].</param>
    /// <param name="logits">[N,10].</param>
    public static double Fit(ReadOnlySpan<byte> labels, ReadOnlySpan<float> logits)
    {
        ArgumentOutOfRangeException.ThrowIfZero(labels.Length, nameof(labels));
        ArgumentOutOfRangeException.ThrowIfNotEqual(logits.Length, labels.Length * DigitDataset.ClassCount, nameof(logits));

        // The likelihood is convex in 1/T: its slope has one zero, and halving the interval in log(1/T) finds it.
        double low = -Math.Log(Largest);
        double high = -Math.Log(Smallest);
        while (high - low > 1e-9)
        {
            double middle = (low + high) / 2;
            if (Slope(labels, logits, Math.Exp(middle)) > 0)
            {
                high = middle;
            }
            else
            {
                low = middle;
            }
        }

        return Math.Exp(-(low + high) / 2);
    }

    /// <summary>Derivative of the negative log-likelihood by 1/T: the sum of the expected logits less the true ones.</summary>
    private static double Slope(ReadOnlySpan<byte> labels, ReadOnlySpan<float> logits, double inverse)
    {
        double slope = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            var row = logits.Slice(i * DigitDataset.ClassCount, DigitDataset.ClassCount);
            double largest = double.NegativeInfinity;
            foreach (float logit in row)
            {
                largest = Math.Max(largest, logit);
            }

            double sum = 0;
            double weighted = 0;
            foreach (float logit in row)
            {
                double weight = Math.Exp((logit - largest) * inverse);
                sum += weight;
                weighted += weight * logit;
            }

            slope += (weighted / sum) - row[labels[i]];
        }

        return slope;
    }
}
