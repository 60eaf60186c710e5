using Mnist.Inference;
using Mnist.Training.Evaluation;

namespace Mnist.Tests.Training;

internal sealed class CascadeFitTests
{
    private const int Count = 1000;

    /// <summary>3.93 million multiply-adds each.</summary>
    private static readonly NetworkWeights[] Members = [.. Enumerable.Repeat(NetworkWeights.Random(Architectures.Vgg12, seed: 1), 3)];

    private static readonly byte[] Labels = [.. Enumerable.Range(0, Count).Select(i => (byte)(i % 10 == 0 ? 1 : 0))];

    /// <summary>The first member's confidence grows with the index; the others give every digit the logits 4.5, 0 and eight that weigh nothing.</summary>
    private static readonly float[][] Logits = [.. new Func<int, float>[] { i => 6f * i / Count, _ => 4.5f, _ => 4.5f }
        .Select(logit => Enumerable.Range(0, Count).SelectMany(i => Enumerable.Repeat(-1000f, 8).Prepend(0).Prepend(logit(i))).ToArray())];

    [TestCase(6e6, 200)]
    [TestCase(4.01e6, 10)]
    [TestCase(11.7e6, 500)]
    [TestCase(11.8e6, 1000)]
    public void Fit_TakesTheLargestShareThatTheBudgetAllows(double maxMultiplyAdds, int expected)
    {
        var rule = CascadeFit.Fit(Labels, Logits, Members, maxMultiplyAdds);

        int below = Logits[0].Chunk(10).Count(row => 1 / row.Sum(logit => Math.Exp(logit - row.Max())) < rule.Threshold);
        Assert.That(below, Is.EqualTo(expected));
    }

    [Test]
    public void Fit_ScalesTheMeanSoThatConfidenceIsTheShareThatIsRight()
    {
        // Every digit has the same logits here, so the likelihood is largest where their probability is the share of that label: logit / T = log(0.9 / 0.1).
        float[][] same = [.. Enumerable.Repeat(Logits[1], 3)];

        Assert.That(CascadeFit.Fit(Labels, same, Members, 6e6).Temperature, Is.EqualTo(4.5 / Math.Log(9)).Within(1e-6));
    }

    [Test]
    public void Fit_WhereTheBudgetIsTooSmall_SaysWhatWouldDo() => Assert.That(
        () => CascadeFit.Fit(Labels, Logits, Members, 3.95e6),
        Throws.TypeOf<InvalidDataException>().With.Message.Contains("3,950,000").And.Message.Contains("3,927,040").And.Message.Contains("4,005,581"));

    [Test]
    public void Fit_OfLogitsThatAreNotFinite_NamesTheNetwork() => Assert.That(
        () => CascadeFit.Fit(Labels, [Logits[0], Logits[1], [.. Logits[2][..^1], float.NaN]], Members, 6e6),
        Throws.TypeOf<InvalidDataException>().With.Message.EqualTo("network 3 gives logits that are not finite."));

    [Test]
    public void Mean_IsThatOfTheMembersDigitByDigit() =>
        Assert.That(CascadeFit.Mean([[1, 5], [2, 7], [6, 9]]), Is.EqualTo(new[] { 3f, 7f }));
}
