using Mnist.Inference;
using Mnist.Inference.Kernels;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Tests.Golden;

/// <summary>The shipped weights, in the engine and behind the server, against predictions that ONNX Runtime made of them.</summary>
public class GoldenPredictionsTests
{
    private static readonly VectorWidth[] Paths = Enum.GetValues<VectorWidth>();

    private static readonly string ShippedWeights = Repository.PathOf("weights", "mnist.safetensors");

    private GoldenPredictions _golden = null!;

    [OneTimeSetUp]
    public void ReadGoldenPredictions()
    {
        const string Command = "run 'MNIST_UPDATE_GOLDEN=1 dotnet test Mnist.Tests --filter GoldenPredictionsTests' and commit Mnist.Tests/Data/golden.json";
        string path = Path.Combine(TestData.Folder, GoldenPredictions.FileName);
        if (Environment.GetEnvironmentVariable("MNIST_UPDATE_GOLDEN") == "1")
        {
            path = Repository.PathOf("Mnist.Tests", "Data", GoldenPredictions.FileName);
            GoldenPredictions.Create(ShippedWeights, TestData.MnistTest).Write(path);
        }

        Assert.That(path, Does.Exist, $"There are no golden predictions: {Command}.");
        _golden = GoldenPredictions.Read(path);
        Assert.That(_golden.WeightsSha256, Is.EqualTo(Network.Load(ShippedWeights).Sha256),
            $"The golden predictions were made from other weights than the shipped ones. If the weights are meant to be new, {Command}.");
    }

    [Test]
    public void Golden_HoldsHundredsOfMnistTestDigits()
    {
        Assert.That(_golden.Digits, Has.Count.InRange(290, 350));
        Assert.That(_golden.Digits.Select(digit => digit.Index), Is.Ordered.And.Unique);
        Assert.That(_golden.Digits.Count(digit => EvaluationResult.DisputedTestLabels.Contains(digit.Index)),
            Is.GreaterThanOrEqualTo(EvaluationResult.DisputedTestLabels.Count - 1), "one of them may lie on the threshold of a cascade");
        Assert.That(_golden.Digits.Select(digit => digit.Label), Is.EqualTo(_golden.Digits.Select(digit => (int)TestData.MnistTest.Labels[digit.Index])));
        Assert.That(_golden.Digits.Select(digit => digit.Probabilities.Sum()), Is.All.EqualTo(1).Within(1e-5));
    }

    [TestCaseSource(nameof(Paths))]
    public void Engine_AtEveryWidth_GivesTheGoldenPredictions(VectorWidth path)
    {
        var network = Network.Load(ShippedWeights, path);
        // A width that this CPU has not got (or that is switched off) is computed in software, a hundred times slower.
        GoldenDigit[] golden = [.. _golden.Digits.Take(path <= VectorWidths.Best ? _golden.Digits.Count : 30)];
        var digits = new DigitDataset(
            [.. golden.SelectMany(digit => TestData.MnistTest.Image(digit.Index).ToArray())], [.. golden.Select(digit => (byte)digit.Label)]);

        Agreement.AssertAgree(BatchClassifier.Classify(network, digits).Probabilities(), [.. golden.SelectMany(digit => digit.Probabilities)]);
    }

    [Test]
    public async Task Server_ThroughTheTypedClient_GivesTheGoldenPredictions()
    {
        await using var server = MnistServer.Start(("Mnist:WeightsPath", ShippedWeights));
        using var factory = new ClientFactory(server.Client.BaseAddress!);
        byte[][] images = [.. _golden.Digits.Select(digit => PngWriter.Encode(TestData.MnistTest.Image(digit.Index)))];

        var answers = await factory.Client.ClassifyAsync(images, probabilities: true);

        float[] probabilities = [.. answers.SelectMany(answer => answer.Probabilities!).Select(probability => (float)probability)];
        Agreement.AssertAgree(probabilities, [.. _golden.Digits.SelectMany(digit => digit.Probabilities)]);
        Assert.That(answers.Select(answer => answer.Class), Is.EqualTo(EvaluationResult.MostProbable(probabilities)));
        Assert.That(answers.Select(answer => answer.Probability), Is.EqualTo(answers.Select(answer => answer.Probabilities!.Max())));
    }

    [Test, Category("AllDigits")]
    public void Engine_OnAllTestDigits_AgreesWithOnnxRuntime()
    {
        AllDigits.Require();
        var network = Network.Load(ShippedWeights);

        Agreement.AssertAgree(network, TestData.MnistTest);
    }
}
