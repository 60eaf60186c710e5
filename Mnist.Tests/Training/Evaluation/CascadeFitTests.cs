using Mnist.Core.Imaging;
using Mnist.Inference.Model;
using Mnist.Tests.Inference;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Tests.Training.Evaluation;

internal sealed class CascadeFitTests
{
    private const int Count = 1000;

    /// <summary>Two networks of 3.93 million multiply-adds each.</summary>
    private static readonly NetworkWeights[] Stages = [.. Enumerable.Repeat(NetworkWeights.Random(Architectures.Vgg12, seed: 1), 2)];

    private static readonly byte[] Labels = [.. Enumerable.Range(0, Count).Select(i => (byte)(i % 10 == 0 ? 1 : 0))];

    /// <summary>Logits of the first stage, whose confidence grows with the index.</summary>
    private static readonly float[] First = [.. Enumerable.Range(0, Count).SelectMany(i => Logits(6f * i / Count))];

    private static readonly float[] Mean = [.. Enumerable.Range(0, Count).SelectMany(_ => Logits(4.5f))];

    // 39.3 million for both networks in five views.
    [TestCase(6e6, 50)]
    [TestCase(4.4e6, 10)]
    [TestCase(24e6, 500)]
    [TestCase(43.3e6, 1000)]
    public void Fit_Budget_GivesTheLargestShareWithinIt(double maxMultiplyAdds, int expected)
    {
        var rule = CascadeFit.Fit(Labels, First, Mean, Stages, maxMultiplyAdds);

        int below = First.Chunk(10).Count(row => 1 / row.Sum(logit => Math.Exp(logit - row.Max())) < rule.Threshold);
        Assert.That(below, Is.EqualTo(expected));
    }

    [Test]
    public void Fit_Temperature_MakesConfidenceEqualAccuracy()
    {
        // Every digit has the same logits here, so the likelihood is largest where their probability is the share of that label: logit / T = log(0.9 / 0.1).
        Assert.That(CascadeFit.Fit(Labels, First, Mean, Stages, 6e6).Temperature, Is.EqualTo(4.5 / Math.Log(9)).Within(1e-6));
    }

    [Test]
    public void Fit_BudgetTooSmall_SaysWhatIsNeeded() => Assert.That(
        () => CascadeFit.Fit(Labels, First, Mean, Stages, 3.95e6),
        Throws.TypeOf<InvalidDataException>().With.Message.Contains("3,950,000").And.Message.Contains("3,927,040").And.Message.Contains("4,319,744"));

    [Test]
    public void Mean_LogitsNotFinite_NamesTheNetwork()
    {
        var digits = new DigitDataset(new byte[DigitImage.PixelCount], [0]);
        var tensors = Stages[0].Architecture.Parameters.ToDictionary(
            parameter => parameter.Name, parameter => new WeightTensor(parameter.Dimensions, Array.ConvertAll(new float[parameter.Count], _ => 1e30f)));
        var broken = new NetworkWeights(Stages[0].Architecture, tensors);

        Assert.That(
            () => CascadeFit.Mean([Stages[0], broken], digits),
            Throws.TypeOf<InvalidDataException>().With.Message.EqualTo("network 2 gives logits that are not finite."));
    }

    [Test]
    public void Mean_TwoNetworksFiveViews_EqualsTheReference()
    {
        var network = RandomCascade.Stages[0];
        var other = RandomCascade.Stages[1];
        byte[] dot = new byte[DigitImage.PixelCount];
        dot[(14 * 28) + 14] = 255;
        float[] expected = new float[10];
        foreach (int place in new[] { (14 * 28) + 14, (14 * 28) + 13, (14 * 28) + 15, (13 * 28) + 14, (15 * 28) + 14 })
        {
            float[] image = new float[DigitImage.PixelCount];
            image[place] = 1;
            foreach (double[] logits in new[] { ReferenceNetwork.Logits(network, image), ReferenceNetwork.Logits(other, image) })
            {
                expected = [.. expected.Zip(logits, (sum, logit) => sum + (float)(logit / 10))];
            }
        }

        Assert.That(CascadeFit.Mean([network, other], new DigitDataset(dot, [0])), Is.EqualTo(expected).Within(1e-5f));
    }

    /// <summary>A row with the given logit for 0, logit 0 for 1, and -1000 for the others.</summary>
    private static IEnumerable<float> Logits(float zero) => Enumerable.Repeat(-1000f, 8).Prepend(0).Prepend(zero);
}
