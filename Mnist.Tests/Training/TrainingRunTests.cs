using System.Globalization;
using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Training;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Tests.Training;

internal sealed class TrainingRunTests
{
    internal static readonly DigitDataset Training = TrainerTests.Digits(0, 640);
    internal static readonly DigitDataset Validation = TrainerTests.Digits(5000, 200);

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void Train_WithValidationImages_FitsTheTemperature()
    {
        var (weights, end) = Train(Begin(TrainerTests.Quick with { Temperature = 5 }), Validation);

        double temperature = end.Options.Temperature;
        float[] logits = BatchClassifier.Classify(Network.Create(weights), Validation).Logits;
        Assert.That(weights.Metadata["temperature"], Is.EqualTo(temperature.ToString(CultureInfo.InvariantCulture)));
        Assert.That(temperature, Is.Not.EqualTo(1).And.Not.EqualTo(5));
        Assert.That(TemperatureScaling.Fit(Validation.Labels, logits), Is.EqualTo(1).Within(0.002), "already fitted");
    }

    [Test]
    public void Train_WithoutValidationImages_KeepsTheTemperature()
    {
        var start = Begin(TrainerTests.Quick with { Temperature = 5 });

        var (weights, end) = Train(start, validation: null);
        var (plain, _) = Train(Begin(TrainerTests.Quick), validation: null);

        Assert.That(end.Options, Is.EqualTo(start.Options));
        Assert.That(TrainerTests.Values(weights), Is.EqualTo(TrainerTests.Values(TemperatureScaling.Fold(plain, 5))));
    }

    /// <summary>The first checkpoint of a run.</summary>
    internal static Checkpoint Begin(TrainingOptions options) => new()
    {
        Command = "mnist train",
        Options = options,
        Validation = true,
        ImageCount = Training.Count,
        DataSha256 = Checkpoint.Sha256(Training),
        State = new Trainer(options, Training).Save(),
        Epochs = [],
        TrainingTime = TimeSpan.Zero,
    };

    private (NetworkWeights Weights, Checkpoint End) Train(Checkpoint start, DigitDataset? validation) =>
        new TrainingRun(new Trainer(start.Options, Training), validation, _folder.PathOf("checkpoint.safetensors")).Train(start, _ => { }, _ => { });
}
