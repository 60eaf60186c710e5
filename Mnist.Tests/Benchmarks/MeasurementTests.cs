using System.Text.Json.Nodes;
using Mnist.Benchmarks.Engine;
using Mnist.Benchmarks.Measuring;
using Mnist.Benchmarks.Training;
using Mnist.Inference.Model;

namespace Mnist.Tests.Benchmarks;

/// <summary>The results of the engine and training benchmarks.</summary>
internal sealed class MeasurementTests
{
    private static readonly EngineMeasurement Engine = new(
        new Workload("shipped", NetworkWeights.Random(Architectures.Vgg12, seed: 1), [], BatchSize: 8),
        ["engine", "onnxruntime", "pytorch"],
        [[20, 25, 200], [75, 50, 80], [100, 125, 90]],
        Peak: 1e11);

    private static readonly TrainingMeasurement Training = new(
        2,
        new Dictionary<string, double[]>
        {
            [TrainingMeasurement.Ours] = [4000, 3000, 100],
            [TrainingMeasurement.OursAugmented] = [2000],
            ["pytorch"] = [2000, 1500, 1000],
            ["pytorch-channels-last"] = [1000, 1200, 1400],
        },
        new Dictionary<string, double>());

    [Test]
    public void EngineJson_ThreeRounds_HasMediansAndRatioToTheBestPeer() =>
        AssertJson(
            Engine.ToResult(),
            """{"machine":"a CPU, a date","results":[{"network":"shipped","images":8,"engineMicroseconds":25,"peers":{"onnxruntime":75,"pytorch":100},"ratio":3}]}""");

    [Test]
    public void EngineJson_Cascade_NamesTheMeasuredStage() =>
        AssertJson(
            (Engine with { Workload = Engine.Workload with { Stage = "1 of 2" } }).ToResult(),
            """{"machine":"a CPU, a date","results":[{"network":"shipped","images":8,"engineMicroseconds":25,"peers":{"onnxruntime":75,"pytorch":100},"ratio":3,"stage":"1 of 2"}]}""");

    [Test]
    public void EngineRatio_ThreeRounds_HasPercentilesOfTheRounds()
    {
        var ratio = Engine.RatioTo(peer: 1);

        // The rounds' ratios are 3.75, 2 and 0.4.
        Assert.That(ratio.Value, Is.EqualTo(3));
        Assert.That(ratio.Low, Is.EqualTo(0.4 + (0.2 * 1.6)).Within(1e-9));
        Assert.That(ratio.High, Is.EqualTo(2 + (0.8 * 1.75)).Within(1e-9));
        Assert.That(ratio.ToString(), Is.EqualTo("3.00 (0.72-3.40)"));
    }

    [Test]
    public void EngineRate_OneMultiplyAdd_CountsAsTwoOperations() =>
        Assert.That(Engine.Rate, Is.EqualTo(2.0 * Architectures.Vgg12.MultiplyAdds * 40_000).Within(1).Percent);

    [Test]
    public void TrainingJson_ThreeRuns_HasMediansAndRatioToTheBestPeer() =>
        AssertJson(
            Training.ToResult(),
            """
            {"machine":"a CPU, a date","results":[{"threads":2,"imagesPerSecond":3000,"augmentedImagesPerSecond":2000,
            "peers":{"pytorch":1500,"pytorch-channels-last":1200},"ratio":2}]}
            """);

    [Test]
    public void TrainingJson_WithoutPyTorch_HasNoRatio()
    {
        var ours = Training.ImagesPerSecond.Where(entry => entry.Key.StartsWith("trainer", StringComparison.Ordinal));
        var alone = Training with { ImagesPerSecond = ours.ToDictionary() };
        AssertJson(
            alone.ToResult(),
            """{"machine":"a CPU, a date","results":[{"threads":2,"imagesPerSecond":3000,"augmentedImagesPerSecond":2000,"peers":{},"ratio":null}]}""");
    }

    private static void AssertJson<T>(T result, string expected) =>
        Assert.That(JsonNode.Parse(ResultsJson.Of("a CPU, a date", [result]))!.ToJsonString(), Is.EqualTo(JsonNode.Parse(expected)!.ToJsonString()));
}
