using Mnist.Inference;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Tests.Training.Evaluation;

public class CorruptionTests
{
    private static readonly DigitDataset Digits = TestData.MnistTest.Slice(0, 60);

    [Test]
    public void All_ChangeTheDigitsAndHaveUniqueNames()
    {
        Assert.That(Corruption.All.Select(corruption => (corruption.Name, corruption.Strength)), Is.Unique);
        foreach (var corruption in Corruption.All)
        {
            byte[][] images = [.. corruption.Variants.Select((_, variant) => corruption.Apply(variant, Digits, seed: 1).Images)];
            Assert.That(images.Append(Digits.Images).Select(Convert.ToHexString), Is.Unique, $"{corruption.Name} {corruption.Strength}");
        }
    }

    [Test]
    public void Apply_SameSeed_GivesTheSameDigits()
    {
        foreach (var corruption in Corruption.All)
        {
            byte[] images = corruption.Apply(0, Digits, seed: 1).Images;
            bool random = corruption.Name is "Gaussian noise" or "salt and pepper";

            Assert.That(corruption.Apply(0, Digits, seed: 1).Images, Is.EqualTo(images));
            Assert.That(corruption.Apply(0, Digits, seed: 2).Images.SequenceEqual(images), Is.EqualTo(!random), corruption.Name);
            Assert.That(corruption.Apply(0, Digits, seed: 1).Labels, Is.EqualTo(Digits.Labels));
        }
    }

    [Test]
    public void Shift_OfEachStrength_HasEightDirections([Values(1, 2, 3)] int pixels)
    {
        var shift = Corruption.All.Single(corruption => (corruption.Name, corruption.Strength) == ("shift", $"± {pixels} px"));
        byte[] dot = new byte[784];
        dot[(10 * 28) + 12] = 255;

        var places = shift.Variants.Select((_, variant) => Array.IndexOf(shift.Apply(variant, new DigitDataset(dot, [0]), 1).Images, (byte)255));

        int[] steps = [-pixels, 0, pixels];
        Assert.That(places, Is.EquivalentTo(from down in steps from right in steps where (down, right) != (0, 0) select ((10 + down) * 28) + 12 + right));
    }

    [Test]
    public void Measure_SeveralDirections_GivesMeanAndWorst()
    {
        var network = Network.Load(RandomWeights.Path);
        var rotation = Corruption.All.Single(corruption => (corruption.Name, corruption.Strength) == ("rotation", "± 25°"));

        var result = rotation.Measure(network, Digits, seed: 1);

        double[] expected = [.. new[] { 0, 1 }.Select(variant =>
        {
            int[] classes = EvaluationResult.MostProbable(BatchClassifier.Classify(network, rotation.Apply(variant, Digits, seed: 1)).Logits);
            return Digits.Labels.Zip(classes).Count(pair => pair.First == pair.Second) / 60.0;
        })];
        Assert.That(result.Accuracy, Is.EqualTo(expected.Average()).Within(1e-12));
        Assert.That(result.WorstAccuracy, Is.EqualTo(expected.Min()));
        Assert.That(Corruption.All.Single(corruption => corruption.Strength == "2x2 maximum").Measure(network, Digits, seed: 1).WorstAccuracy, Is.Null);
    }
}
