using Mnist.Core;
using Mnist.Core.Batching;
using Mnist.Core.Metrics;
using Mnist.Core.Models;
using Mnist.Core.Settings;
using Mnist.Training.Evaluation;

namespace Mnist.Tests.Training.Evaluation;

/// <summary>Simulated lines of test digits, read as the service does. <c>mnist evaluate --simulated-lines</c> measures more of them.</summary>
public sealed class LineEvaluationTests
{
    private const int Length = 5;
    private const int Lines = 80;

    /// <summary>Smallest share of lines that must be read without an error: the measured share less the spread for 80 lines.</summary>
    private const double Apart = 0.95;
    private const double Touching = 0.45;

    [TestCase(false, Apart)]
    [TestCase(true, Touching)]
    public async Task RunAsync_LinesOfFiveDigits_AreReadWithoutError(bool touching, double share)
    {
        AllDigits.Require();
        var options = new MnistOptions { WeightsPath = Repository.PathOf("weights", "mnist.safetensors") };
        using var metrics = new ServerMetrics();
        using var photos = new PhotoLimiter(options);
        var batcher = new DynamicBatcher(options, NetworkModel.Load(options), metrics);

        var answers = await LineEvaluation.RunAsync(new NumberReader(photos, batcher, metrics), TestData.MnistTest, Length, touching, Lines, seed: 2);
        await batcher.StopAsync();

        Assert.That(LineEvaluation.Sum(answers, touching).ExactShare, Is.GreaterThanOrEqualTo(share), string.Join('\n', answers
            .Where(answer => !answer.IsExact).Select(answer => $"{answer.Photo.Text} as {answer.Read?.Text ?? $"{answer.Error}"}")));
    }
}
