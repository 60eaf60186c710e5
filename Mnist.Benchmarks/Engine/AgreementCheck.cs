namespace Mnist.Benchmarks.Engine;

/// <summary>Speed is compared between contenders that compute the same.</summary>
internal static class AgreementCheck
{
    /// <summary>Largest difference of two logits: orders of summation and Winograd's transforms, in single precision.</summary>
    public const float Tolerance = 1e-4f;

    /// <exception cref="InvalidDataException">The contenders differ; the message says which, where and by how much.</exception>
    public static void Require(Workload workload, IReadOnlyList<IContender> contenders)
    {
        float[] expected = contenders[0].Logits();
        foreach (var contender in contenders.Skip(1))
        {
            float[] actual = contender.Logits();
            if (actual.Length != expected.Length)
            {
                throw new InvalidDataException($"{Case()}: {contender.Name} gives {actual.Length} logits, {contenders[0].Name} {expected.Length}");
            }

            int classes = expected.Length / workload.BatchSize;
            for (int i = 0; i < expected.Length; i++)
            {
                // Written so that not-a-number differs, too.
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
