using Mnist.Inference;
using Mnist.Inference.Kernels;

namespace Mnist.Tests.Inference;

/// <summary>A cascade is what its members are in double precision, and gives every image the same bits wherever it is computed.</summary>
[TestFixture]
internal sealed class CascadeTests
{
    /// <summary>Rounding of some thousand single-precision multiply-adds on logits of the order of one, divided by a temperature of 0.5.</summary>
    private const double LogitTolerance = 1e-4;

    private const int Images = 70;
    private const int Pixels = 28 * 28;
    private const int Classes = 10;

    /// <summary>Below the confidence of about half of the images.</summary>
    private static readonly double Middle = MiddleConfidence();

    private static readonly VectorWidth[] Paths = Enum.GetValues<VectorWidth>();

    [TestCase(1e-9, 0)]
    [TestCase(1, Images)]
    public void Forward_WithAThresholdAtTheEnd_AsksAboutNoneOrAll(double threshold, int expected)
    {
        var network = Network.Create(RandomCascade.OfDigits(threshold, 1));
        var workspace = network.CreateWorkspace(Images);

        network.Forward(RandomImages(), Images, workspace, new float[Images * Classes]);

        Assert.That(workspace.Escalated, Is.EqualTo(expected));
    }

    [Test]
    public void Forward_OfTheImagesThatAreNotAsked_GivesTheFirstMembersBits()
    {
        float[] images = RandomImages();
        float[] first = Forward(Network.Create(RandomCascade.Members[0]), images);

        Assert.That(Forward(Network.Create(RandomCascade.OfDigits(threshold: 1e-9, temperature: 0.5)), images), Is.EqualTo(first));
    }

    [Test]
    public void Forward_EqualsTheMembersCombinedInDoublePrecision([ValueSource(nameof(Paths))] VectorWidth path, [Values(1, 5)] int views)
    {
        const double Temperature = 0.5;
        const int Count = 8;
        float[] images = RandomImages();
        var network = Network.Create(RandomCascade.OfDigits(Middle, Temperature, views), path);
        var workspace = network.CreateWorkspace(Count);
        float[] logits = new float[Count * Classes];
        network.Forward(images.AsSpan(0, Count * Pixels), Count, workspace, logits);
        int askedAgain = 0;
        for (int i = 0; i < Count; i++)
        {
            float[] image = images[(i * Pixels)..((i + 1) * Pixels)];
            double[] first = ReferenceNetwork.Logits(RandomCascade.Members[0], image);
            bool again = first.Max(Math.Exp) / first.Sum(Math.Exp) < Middle;
            askedAgain += again ? 1 : 0;
            double[][] answers = again ? [.. from view in Views(image, views) from member in RandomCascade.Members select ReferenceNetwork.Logits(member, view)] : [];
            var expected = again ? Enumerable.Range(0, Classes).Select(digit => answers.Average(answer => answer[digit]) / Temperature) : first;
            Assert.That(logits[(i * Classes)..((i + 1) * Classes)].Select(logit => (double)logit), Is.EqualTo(expected).Within(LogitTolerance), $"image {i}");
        }

        Assert.That(workspace.Escalated, Is.EqualTo(askedAgain).And.InRange(1, Count - 1));
    }

    [Test]
    public void Forward_AtEveryWidthWithFusedMultiplyAdd_GivesTheSameBits()
    {
        float[][] logits = [.. Paths.Select(path => Forward(Network.Create(RandomCascade.OfDigits(Middle, 0.8), path), RandomImages()))];

        Assert.That(logits, Is.All.EqualTo(logits[0]));
    }

    [Test]
    public void Forward_AtEveryPlaceOfEveryBatchInEveryCompany_GivesTheSameBits()
    {
        var network = Network.Create(RandomCascade.OfDigits(Middle, 0.8));
        float[] images = RandomImages();
        float[][] alone = [.. images.Chunk(Pixels).Select(image => Forward(network, image))];
        var random = new Random(4);
        foreach (int batchSize in new[] { 1, 2, 3, 7, 25, 64, 70 })
        {
            var workspace = network.CreateWorkspace(70);
            float[] logits = new float[batchSize * Classes];
            for (int repeat = 0; repeat < 5; repeat++)
            {
                int[] company = [.. Enumerable.Range(0, batchSize).Select(_ => random.Next(Images))];
                network.Forward(company.SelectMany(i => images[(i * Pixels)..((i + 1) * Pixels)]).ToArray(), batchSize, workspace, logits);
                Assert.That(logits, Is.EqualTo(company.SelectMany(i => alone[i])));
            }
        }
    }

    [Test]
    public void Forward_FromManyThreads_GivesTheSameBits()
    {
        var network = Network.Create(RandomCascade.OfDigits(Middle, 0.8));
        float[] expected = Forward(network, RandomImages());
        float[][] results = new float[8][];

        Parallel.For(0, results.Length, i => results[i] = Forward(network, RandomImages()));

        Assert.That(results, Is.All.EqualTo(expected));
    }

    [Test]
    public void Forward_AllocatesNothing()
    {
        foreach (var path in Paths)
        {
            var network = Network.Create(RandomCascade.OfDigits(Middle, 0.8), path);
            float[] images = RandomImages()[..(8 * Pixels)];
            float[] logits = new float[8 * Classes];
            var workspace = network.CreateWorkspace(8);

            Assert.That(Allocation.LeastOf(() => network.Forward(images, 8, workspace, logits)), Is.Zero, path.ToString());
            Assert.That(workspace.Escalated, Is.InRange(1, 7));
        }
    }

    [Test]
    public void MeanMultiplyAdds_WeighsTheOthersByTheShareAskedAgain()
    {
        long[] costs = [.. RandomCascade.Members.Select(member => member.Architecture.MultiplyAdds)];
        var network = Network.Create(RandomCascade.OfDigits(0.5, 1));

        Assert.That(network.MeanMultiplyAdds(0), Is.EqualTo(costs[0]));
        Assert.That(network.MeanMultiplyAdds(0.25), Is.EqualTo(costs[0] + (5 * costs.Sum() / 4.0)));
    }

    /// <summary>The image, and where wanted the image moved by one pixel to each side.</summary>
    private static float[][] Views(float[] image, int views)
    {
        const int Side = 28;
        return views == 1 ? [image] : [image, From(0, -1), From(0, 1), From(-1, 0), From(1, 0)];

        float[] From(int down, int right) => [.. Enumerable.Range(0, Pixels).Select(i => (Y: (i / Side) + down, X: (i % Side) + right))
            .Select(place => place.X is >= 0 and < Side && place.Y is >= 0 and < Side ? image[(place.Y * Side) + place.X] : 0)];
    }

    private static double MiddleConfidence()
    {
        float[] logits = Forward(Network.Create(RandomCascade.Members[0]), RandomImages());
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
