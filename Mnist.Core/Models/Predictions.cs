using Mnist.Core.Imaging;
using Mnist.Inference.Model;

namespace Mnist.Core.Models;

/// <summary>The predictions for the images of one request.</summary>
/// <param name="probabilities">[N,10], row by row.</param>
/// <param name="oodResults">[N]: which images are digits; null where that was not asked for.</param>
public sealed class Predictions(float[] probabilities, IReadOnlyList<OodResult>? oodResults = null)
{
    public const int ClassCount = DigitImage.ClassCount;

    /// <summary>The version of the model that made all of them (see <see cref="DigitModel.Version"/>).</summary>
    public string ModelVersion { get; init; } = string.Empty;

    /// <summary>From queueing the request to the moment a worker took its first image.</summary>
    public TimeSpan QueueTime { get; init; }

    /// <summary>From there to the answer for its last image.</summary>
    public TimeSpan InferenceTime { get; init; }

    /// <summary>[N]: which images are digits; null where that was not asked for.</summary>
    public IReadOnlyList<OodResult>? OodResults => oodResults;

    public int Count => probabilities.Length / ClassCount;

    /// <summary>The most probable digit of one image; the lowest one when several are equal.</summary>
    public Prediction this[int index]
    {
        get
        {
            var row = Probabilities(index);
            int best = 0;
            for (int digit = 1; digit < row.Length; digit++)
            {
                if (row[digit] > row[best])
                {
                    best = digit;
                }
            }

            return new Prediction(best, row[best]);
        }
    }

    /// <summary>The probabilities of the digits 0 to 9 of one image.</summary>
    public ReadOnlySpan<float> Probabilities(int index) => probabilities.AsSpan(index * ClassCount, ClassCount);
}

/// <summary>Whether an image is a digit at all.</summary>
/// <param name="Decision">The decision of the out-of-distribution detector.</param>
/// <param name="Score">The logarithm of the odds that it is a digit (see <see cref="OodRule.Score"/>).</param>
public readonly record struct OodResult(OodDecision Decision, double Score);

/// <summary>The most probable digit and its probability.</summary>
public readonly record struct Prediction(int Class, float Probability);
