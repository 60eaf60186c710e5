using Mnist.Inference.Kernels;

namespace Mnist.Tests.Inference;

[TestFixture]
internal sealed class InputScaleTests
{
    [Test]
    public void ToFloat_EveryPixelValue_DividesBy255()
    {
        byte[] pixels = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        float[] images = new float[256];
        InputScale.ToFloat(pixels, images);
        Assert.That(images, Is.EqualTo(pixels.Select(pixel => pixel / 255f)));
    }
}
