using Mnist.Inference.Model;
using Mnist.Tests.Inference;
using Mnist.Training.Layers;
using Mnist.Training.Optimization;

namespace Mnist.Tests.Training.Layers;

/// <summary>
/// Compares the trainer's gradients with central differences of the double-precision reference network, which shares no code with the trainer.
/// </summary>
[TestFixture]
internal sealed class GradientTests
{
    /// <summary>More than the range size of layers on large grids, and not a multiple of it.</summary>
    private const int Images = 9;

    /// <summary>Number of randomly chosen values per tensor that are compared.</summary>
    private const int SampledValues = 100;

    /// <summary>Step of the central difference: so small that hardly any ReLU or maximum switches, and exact enough in double precision.</summary>
    private const double Difference = 1e-7;

    /// <summary>Tolerance for single-precision rounding, relative to the largest gradient of the tensor.</summary>
    private const double RelativeTolerance = 1e-3;

    private static readonly NetworkArchitecture[] Networks =
    [
        new(new Shape(8, 8, 1),
        [
            new ConvolutionLayer(3, 6, Padding.Same), new ReluLayer(), new MaxPoolLayer(2), new ConvolutionLayer(3, 20, Padding.Valid), new ReluLayer(),
            new DenseLayer(5),
        ]),
        new(new Shape(9, 11, 2),
        [
            new ConvolutionLayer(5, 17, Padding.Valid), new ReluLayer(), new ConvolutionLayer(5, 3, Padding.Same), new MaxPoolLayer(2),
            new DenseLayer(7), new ReluLayer(), new DenseLayer(4),
        ]),
        new(new Shape(6, 6, 1), [new ConvolutionLayer(3, 40, Padding.Same), new ConvolutionLayer(3, 4, Padding.Same), new ReluLayer(), new DenseLayer(10)]),
        new(new Shape(9, 11, 1),
        [
            new ConvolutionLayer(3, 16, Padding.Same), new ReluLayer(), new ConvolutionLayer(3, 20, Padding.Valid), new ReluLayer(),
            new ConvolutionLayer(3, 18, Padding.Same), new ReluLayer(), new MaxPoolLayer(2), new DenseLayer(6),
        ]),
        new(new Shape(4, 4, 1), [new DenseLayer(20), new ReluLayer(), new DenseLayer(3)]),
    ];

    [Test]
    public void Backward_EveryTensor_EqualsTheCentralDifference(
        [Range(0, 4)] int network, [Values] bool batchNormalization)
    {
        var architecture = Networks[network];
        var layout = new ParameterLayout(architecture, batchNormalization);
        var parameters = new ParameterVector(layout);
        layout.Load(NetworkWeights.Random(architecture, seed: 3), parameters.All);
        var random = new Random(network);
        MoveBiases(layout, parameters, random);
        float[][] images = [.. Enumerable.Range(0, Images).Select(_ => RandomImage(architecture, random))];
        byte[] labels = [.. Enumerable.Range(0, Images).Select(_ => (byte)random.Next(architecture.ClassCount))];

        var trained = TrainingNetwork.Create(layout, Images);
        float[] gradient = new float[layout.Length];
        parameters.Update();
        for (int i = 0; i < Images; i++)
        {
            trained.SetImage(i, images[i]);
        }

        trained.Forward(parameters);
        double loss = trained.Backward(parameters, labels, Images, gradient) / Images;

        var reference = ByName(layout, parameters.All);
        double[][] referenceImages = Array.ConvertAll(images, image => ReferenceNetwork.ToChw(image, architecture.Input));
        double ReferenceLoss() => Loss(ReferenceNetwork.Forward(architecture, reference, [.. referenceImages.Select(image => (double[])image.Clone())]), labels);
        Assert.That(loss, Is.EqualTo(ReferenceLoss()).Within(1e-5));
        foreach (var (name, values) in ByName(layout, gradient))
        {
            int[] sample = [.. Enumerable.Range(0, values.Length)];
            random.Shuffle(sample);
            sample = sample[..Math.Min(sample.Length, SampledValues)];
            var expected = new List<double>();
            foreach (int i in sample)
            {
                double value = reference[name][i];
                reference[name][i] = value + Difference;
                double above = ReferenceLoss();
                reference[name][i] = value - Difference;
                expected.Add((above - ReferenceLoss()) / (2 * Difference));
                reference[name][i] = value;
            }

            // With batch normalisation, convolutions have no bias.
            if (!(batchNormalization && name.StartsWith("conv", StringComparison.Ordinal) && name.EndsWith("bias", StringComparison.Ordinal)))
            {
                double scale = expected.Max(Math.Abs);
                Assert.That(scale, Is.GreaterThan(1e-4), $"{name}: a zero gradient tests nothing");
                Assert.That(sample.Select(i => values[i]), Is.EqualTo(expected).Within(RelativeTolerance * scale), name);
            }
        }
    }

    private static double Loss(double[][] logits, byte[] labels) => logits.Zip(labels, (row, label) =>
    {
        double largest = row.Max();
        return largest + Math.Log(row.Sum(value => Math.Exp(value - largest))) - row[label];
    }).Average();

    /// <summary>Converts the flat vector to named tensors in the order of the weights file.</summary>
    private static Dictionary<string, double[]> ByName(ParameterLayout layout, ReadOnlySpan<float> values)
    {
        var named = new Dictionary<string, double[]>(StringComparer.Ordinal);
        foreach (var layer in layout.Layers)
        {
            var tensors = layout.Architecture.Parameters.Where(parameter => parameter.LayerIndex == layer.LayerIndex).ToArray();
            float[] weight = new float[tensors[0].Count];
            layer.Packer.Unpack(values.Slice(layer.Weight.Offset, layer.Weight.Length), weight);
            named[tensors[0].Name] = Array.ConvertAll(weight, value => (double)value);
            named[tensors[1].Name] = Take(values, layer.Bias, tensors[1].Count);
            if (layer.Scale is not null)
            {
                named[tensors[0].Name.Replace("weight", "scale", StringComparison.Ordinal)] = Take(values, layer.Scale, tensors[1].Count);
                named[tensors[0].Name.Replace("weight", "shift", StringComparison.Ordinal)] = Take(values, layer.Shift, tensors[1].Count);
            }
        }

        return named;
    }

    private static double[] Take(ReadOnlySpan<float> values, Segment? segment, int count) =>
        segment is { } run ? Array.ConvertAll(values.Slice(run.Offset, count).ToArray(), value => (double)value) : new double[count];

    /// <summary>Moves biases, scales and shifts away from 0 and 1, where some errors have no effect.</summary>
    private static void MoveBiases(ParameterLayout layout, ParameterVector parameters, Random random)
    {
        foreach (var layer in layout.Layers)
        {
            int channels = layout.Architecture.Shapes[layer.LayerIndex].Channels;
            foreach (var segment in new[] { layer.Bias, layer.Scale, layer.Shift }.OfType<Segment>())
            {
                foreach (ref float value in parameters.All.Slice(segment.Offset, channels))
                {
                    value += (random.NextSingle() - 0.5f) / 2;
                }
            }
        }
    }

    private static float[] RandomImage(NetworkArchitecture architecture, Random random) =>
        [.. Enumerable.Range(0, architecture.Input.Size).Select(_ => random.NextSingle())];
}
