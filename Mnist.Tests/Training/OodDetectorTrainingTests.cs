using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Training;
using Mnist.Training.Evaluation;
using Mnist.Training.Synthesis.Outliers;

namespace Mnist.Tests.Training;

internal sealed class OodDetectorTrainingTests
{
    [Test]
    public void Fit_ScoresAndProbabilities_RejectsExactlyTheAllowedShare()
    {
        var random = new Random(5);
        double[] scores = [.. Enumerable.Range(0, 10_000).Select(_ => random.NextDouble())];
        double[] probabilities = [.. scores.Select((_, i) => i < 15 ? 0.4 : 0.9)];

        var rule = OodDetectorTraining.Fit(scores, probabilities);

        Assert.That(scores.Where((score, i) => rule.Decide(score, probabilities[i]) != OodDecision.Digit).Count(), Is.EqualTo(40));
    }

    [Test]
    public void Fit_AllProbabilitiesLow_Throws() =>
        Assert.Throws<InvalidDataException>(() => OodDetectorTraining.Fit(new double[1000], new double[1000]));

    [Test]
    public void AurocOf_TwoSamples_IsTheShareOfOrderedPairs()
    {
        var random = new Random(6);
        double[] higher = [.. Enumerable.Range(0, 200).Select(_ => (double)random.Next(2, 12))];
        double[] lower = [.. Enumerable.Range(0, 150).Select(_ => (double)random.Next(10))];
        double pairs = higher.Sum(high => lower.Sum(low => high > low ? 1 : high == low ? 0.5 : 0));

        Assert.That(OodEvaluation.AurocOf(higher, lower), Is.EqualTo(pairs / 200 / 150).Within(1e-12));
    }

    [Test]
    public void Mix_DigitsAndOutliers_HasEveryKindByItsShare()
    {
        var digits = TestData.MnistTest.Slice(0, 100);
        var mix = OodDetectorTraining.Mix(digits, seed: 1);
        int others = mix.Labels.Count(label => label == 1);

        Assert.That(others, Is.EqualTo(2_000 * Outlier.All.Sum(kind => kind.TrainingShare)));
        Assert.That(mix.Labels.AsSpan(0, mix.Count - others).ContainsAnyExcept((byte)0), Is.False);
        Assert.That(mix.Image(0).ToArray(), Is.EqualTo(digits.Image(0).ToArray()));
    }

    [Test]
    public void Measure_ShippedWeights_SeparatesDigitsFromOutliers()
    {
        AllDigits.Require();
        var network = Network.Load(Repository.PathOf("weights", "mnist.safetensors"));

        var result = OodEvaluation.Measure(network, TestData.MnistTest.Slice(0, 2_000), [], seed: 7, _ => { });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Kinds[0].Rejected, Is.LessThan(0.02));
            Assert.That(result.Auroc, Is.GreaterThan(0.995));
            Assert.That(result.Kinds.Where(kind => kind.Group == OodEvaluation.Shown).Select(kind => kind.Rejected), Is.All.GreaterThan(0.9));
            Assert.That(result.Kinds.Where(kind => kind.Group == OodEvaluation.HeldOut).Select(kind => kind.Rejected), Is.All.GreaterThan(0.8));
        }
    }
}
