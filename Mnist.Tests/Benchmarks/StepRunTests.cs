using Mnist.Benchmarks.Kernels;
using Mnist.Inference.Kernels;
using Mnist.Inference.Model;

namespace Mnist.Tests.Benchmarks;

internal sealed class StepRunTests
{
    [Test]
    public void All_StepsOfANetwork_RunAndAddUpToItsMultiplyAdds([Values("vgg12", "tensorflask")] string name, [Values(1, 64)] int batchSize)
    {
        var architecture = Architectures.ByName[name];
        var steps = StepRun.All(NetworkWeights.Random(architecture, seed: 1), VectorWidths.Best, batchSize);

        Assert.That(steps.Sum(step => step.MultiplyAdds), Is.EqualTo(architecture.MultiplyAdds));
        Assert.That(steps.Select(step => step.Images), Is.All.InRange(1, batchSize));
        Assert.That(steps[^1].Name, Does.Match(@"^dense\d: product$"));
        Assert.That(() => steps.ToList().ForEach(step => step.Run()), Throws.Nothing);
    }
}
