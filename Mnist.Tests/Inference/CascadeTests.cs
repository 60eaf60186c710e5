using Mnist.Inference;
using Mnist.Inference.Kernels;

namespace Mnist.Tests.Inference;

/// <summary>A cascade equals its networks combined in double precision, and gives an image the same bits in every batch and at every width.</summary>
[TestFixture]
internal sealed class CascadeTests
{
    /// <summary>Rounding of some thousand single-precision multiply-adds in logits of about 1, divided by a temperature of 0.5.</summary>
    private const double LogitTolerance = 1e-4;

    private const int Images = 70;
    private const int Pixels = 28 * 28;
    private const int Classes = 10;

    /// <summary>Threshold that escalates half of the images.</summary>
    private static readonly double MedianConfidence = FindMedianConfidence();

    private static readonly VectorWidth[] Widths = Enum.GetValues<VectorWidth>();

    [TestCase(1e-9, 0)]
    [TestCase(1, Images)]
    public void Forward_ThresholdAtItsLimit_EscalatesNoneOrAll(double threshold, int expected)
    {
        var network = Network.Create(RandomCascade.OfDigits(threshold, 1));
        var workspace = network.CreateWorkspace(Images);

        network.Forward(RandomImages(), Images, workspace, new float[Images * Classes]);

        Assert.That(workspace.Escalated, Is.EqualTo(expected));
    }

    [Test]
    public void Forward_ImageThatIsNotEscalated_EqualsFirstStage()
    {
        float[] images = RandomImages();
        float[] first = Forward(Network.Create(RandomCascade.Stages[0]), images);

        Assert.That(Forward(Network.Create(RandomCascade.OfDigits(threshold: 1e-9, temperature: 0.5)), images), Is.EqualTo(first));
    }

    [Test]
    public void Forward_AtEveryWidth_EqualsDoublePrecision([ValueSource(nameof(Widths))] VectorWidth width)
    {
        const double Temperature = 0.5;
        const int Count = 8;
        float[] images = RandomImages();
        var network = Network.Create(RandomCascade.OfDigits(MedianConfidence, Temperature), width);
        var workspace = network.CreateWorkspace(Count);
        float[] logits = new float[Count * Classes];
        network.Forward(images.AsSpan(0, Count * Pixels), Count, workspace, logits);
        int escalated = 0;
        for (int i = 0; i < Count; i++)
        {
            float[] image = images[(i * Pixels)..((i + 1) * Pixels)];
            double[] first = ReferenceNetwork.Logits(RandomCascade.Stages[0], image);
            bool escalates = first.Max(Math.Exp) / first.Sum(Math.Exp) < MedianConfidence;
            escalated += escalates ? 1 : 0;
            double[][] all = escalates ? [.. from view in Views(image) from weights in RandomCascade.Stages select ReferenceNetwork.Logits(weights, view)] : [];
            var expected = escalates ? Enumerable.Range(0, Classes).Select(digit => all.Average(answer => answer[digit]) / Temperature) : first;
            Assert.That(logits[(i * Classes)..((i + 1) * Classes)].Select(logit => (double)logit), Is.EqualTo(expected).Within(LogitTolerance), $"image {i}");
        }

        Assert.That(workspace.Escalated, Is.EqualTo(escalated).And.InRange(1, Count - 1));
    }

    [Test]
    public void Forward_AtEveryWidth_GivesTheSameBits()
    {
        float[][] logits = [.. Widths.Select(width => Forward(Network.Create(RandomCascade.OfDigits(MedianConfidence, 0.8), width), RandomImages()))];

        Assert.That(logits, Is.All.EqualTo(logits[0]));
    }

    [Test]
    public void Forward_AtEveryIndexOfEveryBatch_GivesTheSameBits()
    {
        var network = Network.Create(RandomCascade.OfDigits(MedianConfidence, 0.8));
        float[] images = RandomImages();
        float[][] alone = [.. images.Chunk(Pixels).Select(image => Forward(network, image))];
        var random = new Random(4);
        foreach (int batchSize in new[] { 1, 2, 3, 7, 25, 64, 70 })
        {
            var workspace = network.CreateWorkspace(70);
            float[] logits = new float[batchSize * Classes];
            for (int repeat = 0; repeat < 5; repeat++)
            {
                int[] batch = [.. Enumerable.Range(0, batchSize).Select(_ => random.Next(Images))];
                network.Forward(batch.SelectMany(i => images[(i * Pixels)..((i + 1) * Pixels)]).ToArray(), batchSize, workspace, logits);
                Assert.That(logits, Is.EqualTo(batch.SelectMany(i => alone[i])));
            }
        }
    }

    [Test]
    public void Forward_FromManyThreads_GivesTheSameBits()
    {
        var network = Network.Create(RandomCascade.OfDigits(MedianConfidence, 0.8));
        float[] expected = Forward(network, RandomImages());
        float[][] results = new float[8][];

        Parallel.For(0, results.Length, i => results[i] = Forward(network, RandomImages()));

        Assert.That(results, Is.All.EqualTo(expected));
    }

    [Test]
    public void Forward_AtEveryWidth_AllocatesNothing()
    {
        foreach (var width in Widths)
        {
            var network = Network.Create(RandomCascade.OfDigits(MedianConfidence, 0.8), width);
            float[] images = RandomImages()[..(8 * Pixels)];
            float[] logits = new float[8 * Classes];
            var workspace = network.CreateWorkspace(8);

            Assert.That(Allocation.LeastOf(() => network.Forward(images, 8, workspace, logits)), Is.Zero, width.ToString());
            Assert.That(workspace.Escalated, Is.InRange(1, 7));
        }
    }

    [Test]
    public void MeanMultiplyAdds_OfACascade_WeighsTheSecondStageByItsShare()
    {
        long[] costs = [.. RandomCascade.Stages.Select(network => network.Architecture.MultiplyAdds)];
        var network = Network.Create(RandomCascade.OfDigits(0.5, 1));

        Assert.That(network.MeanMultiplyAdds(0), Is.EqualTo(costs[0]));
        Assert.That(network.MeanMultiplyAdds(0.25), Is.EqualTo(costs[0] + (5 * costs.Sum() / 4.0)));
    }

    /// <summary>The image, and the image shifted by one pixel to each side.</summary>
    private static float[][] Views(float[] image)
    {
        const int Side = 28;
        return [image, From(0, -1), From(0, 1), From(-1, 0), From(1, 0)];

        float[] From(int down, int right) => [.. Enumerable.Range(0, Pixels).Select(i => (Y: (i / Side) + down, X: (i % Side) + right))
            .Select(pixel => pixel.X is >= 0 and < Side && pixel.Y is >= 0 and < Side ? image[(pixel.Y * Side) + pixel.X] : 0)];
    }

    private static double FindMedianConfidence()
    {
        float[] logits = Forward(Network.Create(RandomCascade.Stages[0]), RandomImages());
        double[] confidences = [.. logits.Chunk(Classes).Select(row => row.Max(logit => Math.Exp(logit)) / row.Sum(logit => Math.Exp(logit))).Order()];
        return (confidences[(Images / 2) - 1] + confidences[Images / 2]) / 2;
    }

    private static float[] Forward(Network network, float[] images)
    {
        int count = images.Length / Pixels;
        float[] logits = new float[count * Classes];
        network.Forward(images, count, network.CreateWorkspace(count), logits);
        return logits;
    }

    private static float[] RandomImages()
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, Images * Pixels).Select(_ => random.NextSingle())];
    }
}
