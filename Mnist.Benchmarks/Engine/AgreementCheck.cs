namespace Mnist.Benchmarks.Engine;

/// <summary>Checks that all contenders compute the same logits, so that their speeds can be compared.</summary>
internal static class AgreementCheck
{
    /// <summary>Largest accepted difference of two logits. Summation orders and Winograd transforms differ, in single precision.</summary>
    public const float Tolerance = 1e-4f;

    /// <exception cref="InvalidDataException">Two contenders differ; the message names the contender, image and logit.</exception>
    public static void Require(Workload workload, IReadOnlyList<IContender> contenders)
    {
        float[] expected = contenders[0].Logits();
        foreach (var contender in contenders.Skip(1))
        {
            float[] actual = contender.Logits();
            if (actual.Length != expected.Length)
            {
                throw new InvalidDataException($"{Case()}: {contender.Name} returned {actual.Length} logits, expected {expected.Length} as from {contenders[0].Name}");
            }

            int classes = expected.Length / workload.BatchSize;
            for (int i = 0; i < expected.Length; i++)
            {
                // Negated, so that NaN counts as a difference.
                if (!(Math.Abs(actual[i] - expected[i]) <= Tolerance))
                {
                    throw new InvalidDataException(
                        $"{Case()}: logit {i % classes} of image {i / classes} is {actual[i]} in {contender.Name} and {expected[i]} in {contenders[0].Name}, "
                        + $"expected a difference of at most {Tolerance}");
                }
            }
        }

        string Case() => $"{workload.Network}, {workload.BatchSize} images";
    }
}
