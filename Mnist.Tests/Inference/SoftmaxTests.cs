using Mnist.Inference.Kernels;

namespace Mnist.Tests.Inference;

[TestFixture]
internal sealed class SoftmaxTests
{
    [Test]
    public void Rows_LargeLogits_StayFinite()
    {
        float[] probabilities = new float[3];
        Softmax.Rows([1000, 1001, 0], 3, probabilities);
        Assert.That(probabilities, Is.EqualTo(new[] { 0.26894142f, 0.7310586f, 0f }).Within(1e-6f));
    }

    [Test]
    public void Rows_RandomLogits_EqualDoublePrecision()
    {
        var random = new Random(1);
        float[] logits = [.. Enumerable.Range(0, 500).Select(_ => (random.NextSingle() - 0.5f) * 40)];
        float[] probabilities = new float[500];
        Softmax.Rows(logits, 10, probabilities);
        for (int row = 0; row < 500; row += 10)
        {
            double sum = logits.Skip(row).Take(10).Sum(logit => Math.Exp(logit));
            Assert.That(probabilities[row..(row + 10)], Is.EqualTo(logits[row..(row + 10)].Select(logit => (float)(Math.Exp(logit) / sum))).Within(1e-6f));
        }
    }

    [Test]
    public void Rows_IncompleteRow_IsRejected()
    {
        Assert.That(() => Softmax.Rows(new float[9], 10, new float[10]), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Softmax.Rows(new float[20], 10, new float[10]), Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
