using Mnist.Inference.Kernels;
using Mnist.Training.Synthesis;

namespace Mnist.Tests.Training.Synthesis;

[TestFixture]
internal sealed class AugmentationTests
{
    [Test]
    public void Apply_NoDistortion_KeepsTheImage()
    {
        float[] image = Digit(7);
        float[] result = new float[784];
        new Augmentation(AugmentationOptions.None).Apply(image, new Random(1), result);
        Assert.That(result, Is.EqualTo(image).Within(1e-6f));
    }

    [Test]
    public void Apply_SameSeed_GivesTheSameImage()
    {
        float[] first = Distort(3);
        Assert.That(Distort(3), Is.EqualTo(first));
        Assert.That(Distort(4), Is.Not.EqualTo(first));

        static float[] Distort(int seed)
        {
            float[] result = new float[784];
            new Augmentation(new AugmentationOptions()).Apply(Digit(7), new Random(seed), result);
            return result;
        }
    }

    [Test]
    public void Apply_Defaults_StaysInRangeAndKeepsTheInk()
    {
        var augmentation = new Augmentation(new AugmentationOptions());
        float[] result = new float[784];
        for (int i = 0; i < 200; i++)
        {
            float[] image = Digit(i);
            augmentation.Apply(image, new Random(i), result);
            Assert.That(result, Is.All.InRange(0f, 1f));
            Assert.That(result.Sum(), Is.InRange(0.6f * image.Sum(), 1.5f * image.Sum()), $"digit {i}");
        }
    }

    [Test]
    public void Apply_ShiftOnly_MovesTheCentreOfMassWithinTheLimit()
    {
        var augmentation = new Augmentation(AugmentationOptions.None with { ShiftPixels = 2 });
        float[] result = new float[784];
        float[] image = Digit(7);
        float largest = 0;
        for (int seed = 0; seed < 100; seed++)
        {
            augmentation.Apply(image, new Random(seed), result);
            float moved = Math.Abs(CentreX(result) - CentreX(image));
            largest = Math.Max(largest, moved);
            Assert.That(moved, Is.LessThan(2.01f));
        }

        Assert.That(largest, Is.GreaterThan(1.7f));

        static float CentreX(float[] pixels) => pixels.Select((ink, i) => ink * (i % 28)).Sum() / pixels.Sum();
    }

    private static float[] Digit(int index)
    {
        float[] image = new float[784];
        InputScale.ToFloat(TestData.MnistTest.Image(index), image);
        return image;
    }
}
