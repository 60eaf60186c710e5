using Mnist.Core.Imaging;
using Mnist.Inference;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Tests.Golden;

internal static class Agreement
{
    /// <summary>Two orders of summation in single precision: they differ by a few units of the last place of the logits.</summary>
    private const double Tolerance = 1e-5;

    /// <summary>Share of the digits that may lie so close to a cascade's threshold that rounding decides.</summary>
    private const double MaxDoubtful = 0.002;

    /// <summary>The same classes, and every probability within the tolerance.</summary>
    /// <param name="actual">The engine's probabilities [N,10].</param>
    /// <param name="expected">The other implementation's [N,10].</param>
    public static void AssertAgree(float[] actual, float[] expected)
    {
        Assert.That(EvaluationResult.MostProbable(actual), Is.EqualTo(EvaluationResult.MostProbable(expected)));
        Assert.That(actual, Is.EqualTo(expected).Within(Tolerance));
    }

    /// <summary>The engine and ONNX Runtime give the same, but for the few digits about which two right implementations may differ.</summary>
    public static void AssertAgree(Network network, DigitDataset digits)
    {
        var expected = OnnxPredictions.Of(network, digits);
        Assert.That(expected.Doubtful, Has.Count.LessThanOrEqualTo(MaxDoubtful * digits.Count));
        AssertAgree(Certain(BatchClassifier.Classify(network, digits).Probabilities()), Certain(expected.Probabilities));

        float[] Certain(float[] probabilities) =>
            [.. probabilities.Chunk(DigitImage.ClassCount).Where((_, i) => !expected.Doubtful.Contains(i)).SelectMany(row => row)];
    }
}
