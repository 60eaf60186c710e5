using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Training.Evaluation;

namespace Mnist.Tests.Training.Evaluation;

public class TemperatureScalingTests
{
    [TestCase(90, 3.0)]
    [TestCase(99, 3.0)]
    [TestCase(99, 30.0)]
    [TestCase(70, 0.25)]
    [TestCase(51, 8.0)]
    public void Fit_TwoClassesAtEqualDistance_IsTheClosedForm(int right, double distance)
    {
        // In every row the logit of 3 exceeds that of 8 by d, and 3 is right in a share r. The optimal probability is r, so d / T = log(r / (1 - r)).
        byte[] labels = [.. Enumerable.Range(0, 100).Select(i => (byte)(i < right ? 3 : 8))];
        float[] logits = [.. Enumerable.Range(0, 100).SelectMany(_ => Row(5 + distance, 5))];
        double expected = Math.Clamp(distance / Math.Log(right / (100.0 - right)), TemperatureScaling.Smallest, TemperatureScaling.Largest);

        Assert.That(TemperatureScaling.Fit(labels, logits), Is.EqualTo(expected).Within(1e-6 * expected));
    }

    [Test]
    public void Fit_RandomLogits_IsBetterThanItsNeighbours([Values(1, 2, 3, 4)] int seed, [Values(0.5, 2, 8)] double scale)
    {
        var (labels, logits) = Noisy(seed, scale);

        double temperature = TemperatureScaling.Fit(labels, logits);

        double best = NegativeLogLikelihood(labels, logits, temperature);
        Assert.That(NegativeLogLikelihood(labels, logits, temperature * 1.001), Is.GreaterThan(best));
        Assert.That(NegativeLogLikelihood(labels, logits, temperature / 1.001), Is.GreaterThan(best));
    }

    [Test]
    public void Fit_ScaledLogits_ScalesTheTemperature()
    {
        var (labels, logits) = Noisy(seed: 9, scale: 2);

        double temperature = TemperatureScaling.Fit(labels, logits);

        Assert.That(TemperatureScaling.Fit(labels, [.. logits.Select(logit => 4 * logit)]), Is.EqualTo(4 * temperature).Within(1e-8));
    }

    [Test]
    public void Fit_WithoutOptimum_StaysInRange()
    {
        byte[] labels = [3, 3];
        Assert.That(TemperatureScaling.Fit(labels, [.. Row(4, 1), .. Row(9, 1)]), Is.EqualTo(TemperatureScaling.Smallest).Within(1e-6), "all right");
        Assert.That(TemperatureScaling.Fit(labels, [.. Row(1, 4), .. Row(1, 9)]), Is.EqualTo(TemperatureScaling.Largest).Within(1e-6), "all wrong");
        Assert.That(TemperatureScaling.Fit(labels, new float[20]), Is.EqualTo(1), "all the same: 1, in the middle");
        Assert.That(TemperatureScaling.Fit(labels, [.. Row(1e30, -1e30), .. Row(-1e30, 1e30)]), Is.EqualTo(TemperatureScaling.Largest).Within(1e-6), "huge");
    }

    [Test]
    public void Fit_InvalidLogits_Throws()
    {
        Assert.That(() => TemperatureScaling.Fit([], []), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => TemperatureScaling.Fit([1, 2], new float[10]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => TemperatureScaling.Fit([1], [float.NaN, 0, 0, 0, 0, 0, 0, 0, 0, 0]), Throws.ArgumentException.With.Message.Contains("not finite"));
    }

    [Test]
    public void Fold_Temperature_DividesTheLogitsAndIsInTheMetadata()
    {
        var digits = TestData.MnistTest.Slice(0, 100);
        var weights = NetworkWeights.Random(TrainerTests.Small, seed: 3);

        var folded = TemperatureScaling.Fold(weights, 1.7);

        float[] expected = [.. BatchClassifier.Classify(Network.Create(weights), digits).Logits.Select(logit => logit / 1.7f)];
        Assert.That(BatchClassifier.Classify(Network.Create(folded), digits).Logits, Is.EqualTo(expected).Within(1e-5f));
        Assert.That(folded.Metadata["temperature"], Is.EqualTo("1.7"));
        Assert.That(TrainerTests.Values(TemperatureScaling.Fold(weights, 1)), Is.EqualTo(TrainerTests.Values(weights)));
    }

    /// <summary>Logits of a row in which only 3 and 8 have a probability above 0.</summary>
    private static float[] Row(double three, double eight)
    {
        float[] row = [.. Enumerable.Repeat(-1e32f, 10)];
        (row[3], row[8]) = ((float)three, (float)eight);
        return row;
    }

    private static (byte[] Labels, float[] Logits) Noisy(int seed, double scale)
    {
        var random = new Random(seed);
        byte[] labels = [.. Enumerable.Range(0, 200).Select(_ => (byte)random.Next(10))];
        float[] logits = [.. labels.SelectMany(label => Enumerable.Range(0, 10).Select(digit => (float)(scale * (random.NextDouble() + (digit == label ? 0.5 : 0)))))];
        return (labels, logits);
    }

    private static double NegativeLogLikelihood(byte[] labels, float[] logits, double temperature) =>
        labels.Index().Average(entry =>
        {
            float[] row = logits[(entry.Index * 10)..((entry.Index * 10) + 10)];
            return Math.Log(row.Sum(logit => Math.Exp(logit / temperature))) - (row[entry.Item] / temperature);
        });
}
