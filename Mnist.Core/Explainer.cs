using Mnist.Core.Batching;
using Mnist.Core.Imaging;
using Mnist.Core.Models;
using Mnist.Core.Requests;

namespace Mnist.Core;

/// <summary>
/// Explains a classification by occlusion: a part of the digit is hidden at a time, and where the class loses much of its probability, something
/// decisive was hidden. To the batcher the copies are images like any other.
/// </summary>
public sealed class Explainer(DynamicBatcher batcher)
{
    /// <summary>A smaller probability counts as this one, so that its logarithm is finite.</summary>
    private const double MinProbability = 1e-9;

    /// <summary>Classifies an image and its occluded copies.</summary>
    /// <param name="image">The image.</param>
    /// <param name="scoreOod">Whether to score it for out-of-distribution detection.</param>
    /// <param name="model">The version that computes all of them.</param>
    /// <param name="deadline">How long the answer is worth waiting for.</param>
    /// <param name="cancellationToken">Cancelled when the client has gone.</param>
    /// <returns>Predictions, of which the first is the image's, and the explanation; see <see cref="Explain"/>.</returns>
    /// <exception cref="DeadlineExceededException">The deadline passed in the queue.</exception>
    internal async Task<(Predictions Predictions, float[][] Explanation)> ExplainAsync(
        DigitImage image, bool scoreOod, DigitModel model, Deadline deadline, CancellationToken cancellationToken)
    {
        var predictions = await batcher.ClassifyAsync([image, .. Occlusion.Copies(image)], scoreOod, model, deadline, cancellationToken);
        return (predictions, Explain(predictions));
    }

    /// <summary>
    /// [28,28]: how much of the class's log-probability is lost where a pixel is hidden, as the mean over the squares that hide it. Negative where the
    /// network is surer without the pixel, 0 where there is nothing to hide.
    /// </summary>
    /// <param name="predictions">Of the image and then of its <see cref="Occlusion.Copies"/>.</param>
    public static float[][] Explain(Predictions predictions)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentOutOfRangeException.ThrowIfNotEqual(predictions.Count, 1 + Occlusion.PatchCount);
        int digit = predictions[0].Class;
        double whole = LogProbability(predictions, 0, digit);
        double[] sums = new double[DigitImage.PixelCount];
        int[] counts = new int[DigitImage.PixelCount];
        for (int patch = 0; patch < Occlusion.PatchCount; patch++)
        {
            double lost = whole - LogProbability(predictions, 1 + patch, digit);
            foreach (int pixel in Occlusion.PixelsOf(patch))
            {
                sums[pixel] += lost;
                counts[pixel]++;
            }
        }

        return [.. sums.Zip(counts, (sum, count) => (float)(sum / count)).Chunk(DigitImage.Width)];
    }

    private static double LogProbability(Predictions predictions, int index, int digit) =>
        Math.Log(Math.Max(predictions.Probabilities(index)[digit], MinProbability));
}
