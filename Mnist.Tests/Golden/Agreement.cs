using Mnist.Training.Evaluation;

namespace Mnist.Tests.Golden;

internal static class Agreement
{
    /// <summary>Two orders of summation in single precision: they differ by a few units of the last place of the logits.</summary>
    private const double Tolerance = 1e-5;

    /// <summary>The same classes, and every probability within the tolerance.</summary>
    /// <param name="actual">The engine's probabilities [N,10].</param>
    /// <param name="expected">The other implementation's [N,10].</param>
    public static void AssertAgree(float[] actual, float[] expected)
    {
        Assert.That(EvaluationResult.MostProbable(actual), Is.EqualTo(EvaluationResult.MostProbable(expected)));
        Assert.That(actual, Is.EqualTo(expected).Within(Tolerance));
    }
}
