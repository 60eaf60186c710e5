using Mnist.Core.Imaging;
using Mnist.Inference;
using Mnist.Training.Evaluation;

namespace Mnist.SystemTests;

/// <summary>PNG files through the typed client and the server with the shipped weights, compared with the engine in this process.</summary>
[CancelAfter(300_000)]
public sealed class EndToEndTests
{
    [Test]
    public async Task TenThousandTestDigits_ThroughClientAndServer_ScoreExactlyWhatTheEngineScores(CancellationToken cancellationToken)
    {
        var test = TestData.MnistTest;
        var network = Network.Load(Repository.PathOf("weights", "mnist.safetensors"));
        float[] expected = BatchClassifier.Classify(network, test).Probabilities();
        byte[][] images = [.. Enumerable.Range(0, test.Count).Select(i => DigitPng.Encode(test.Image(i)))];

        using var server = await ShippedServer.StartAsync(cancellationToken);
        using var factory = new ClientFactory(server.Address);
        var answers = await factory.Client.ClassifyAsync(images, probabilities: true, cancellationToken);

        // JSON holds the shortest decimal number that parses to the same float, so the bits are preserved.
        float[] received = [.. answers.SelectMany(answer => answer.Probabilities!).Select(probability => (float)probability)];
        Assert.That(received, Is.EqualTo(expected));
        Assert.That(answers.Select(answer => answer.Class), Is.EqualTo(EvaluationResult.MostProbable(expected)));
        Assert.That(answers.Zip(test.Labels, (answer, label) => answer.Class == label ? 1 : 0).Sum(), Is.GreaterThanOrEqualTo(9950));
        Assert.That(received.Length, Is.EqualTo(test.Count * DigitImage.ClassCount));
    }
}
