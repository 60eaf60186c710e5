using System.Globalization;
using Mnist.Inference;
using Mnist.Inference.Kernels;
using Mnist.Tests.Inference;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Tests.Golden;

/// <summary>The shipped networks on MNIST test digits against the layers' definition in double precision.</summary>
public class ReferenceLogitsTests
{
    /// <summary>Rounding of some thousand single-precision multiply-adds on logits of up to about 20.</summary>
    private const double LogitTolerance = 1e-4;

    /// <summary>The first member of a cascade answers every digit, the others about one in fifty.</summary>
    private const int DigitsForOthers = 300;

    private const int DigitsAtOnce = 100;

    [Test, Category("AllDigits")]
    public void Logits_OfTheTestDigits_EqualTheDoublePrecisionReference()
    {
        AllDigits.Require();
        foreach (var (i, member) in Network.Load(Repository.PathOf("weights", "mnist.safetensors")).Stages.Index())
        {
            var digits = i == 0 ? TestData.MnistTest : TestData.MnistTest.Slice(0, DigitsForOthers);
            float[] logits = BatchClassifier.Classify(Network.Create(member), digits).Logits;
            var parameters = ReferenceNetwork.Parameters(member);
            double[] errors = new double[digits.Count];
            Parallel.ForEach(Enumerable.Range(0, digits.Count).Chunk(DigitsAtOnce), some =>
            {
                double[][] expected = ReferenceNetwork.Forward(member.Architecture, parameters, Array.ConvertAll(some, digit => Image(digits, digit)));
                foreach (var (digit, reference) in some.Zip(expected))
                {
                    errors[digit] = reference.Select((logit, label) => Math.Abs(logits[(digit * reference.Length) + label] - logit)).Max();
                }
            });

            TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"member {i + 1}, {digits.Count} digits: largest error of a logit {errors.Max():0.0e+0}"));
            Assert.That(errors.Max(), Is.LessThanOrEqualTo(LogitTolerance), $"member {i + 1}, digit {Array.IndexOf(errors, errors.Max())}");
        }
    }

    /// <summary>[C, H, W] of one channel, as it enters the network.</summary>
    private static double[] Image(DigitDataset digits, int index)
    {
        float[] image = new float[digits.Image(index).Length];
        InputScale.ToFloat(digits.Image(index), image);
        return Array.ConvertAll(image, value => (double)value);
    }
}
