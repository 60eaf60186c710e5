using Mnist.Inference.Model;

namespace Mnist.Tests.Support;

/// <summary>Random networks of every kind that the engine accepts; the seed decides everything.</summary>
internal static class RandomNetwork
{
    /// <summary>Keeps a network within a fraction of a second, in double precision and with scalar code.</summary>
    private const long MaxMultiplyAdds = 20_000_000;

    /// <summary>
    /// Inputs of 4 to 32 pixels a side and 1 to 16 channels; up to three convolutions, mostly 3x3 or 5x5, with 1 to 96 channels, same or valid padding, with
    /// or without ReLU and pooling (mostly 2x2); one or two dense layers. Biases are random, too.
    /// </summary>
    public static NetworkWeights Create(int seed)
    {
        var random = new Random(seed);
        var architecture = Architecture(random);
        while (architecture.MultiplyAdds > MaxMultiplyAdds)
        {
            architecture = Architecture(random);
        }

        var normal = NetworkWeights.Random(architecture, seed);
        return new NetworkWeights(architecture, architecture.Parameters.ToDictionary(
            parameter => parameter.Name,
            parameter => new WeightTensor(parameter.Dimensions, parameter.Dimensions.Count > 1
                ? normal[parameter.Name].ToArray()
                : [.. Enumerable.Range(0, parameter.Count).Select(_ => random.NextSingle() - 0.5f)])));
    }

    /// <summary>Images [count, H, W, C] for a network, 0 to 1.</summary>
    public static float[] Images(NetworkArchitecture architecture, int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count * architecture.Input.Size).Select(_ => random.NextSingle())];
    }

    private static NetworkArchitecture Architecture(Random random)
    {
        var layers = new List<Layer>();
        var shape = new Shape(random.Next(4, 33), random.Next(4, 33), random.Next(2) == 0 ? 1 : random.Next(2, 17));
        var input = shape;
        for (int i = random.Next(0, 4); i > 0; i--)
        {
            int kernel = random.Next(10) switch { 0 => 1, 1 => 7, < 6 => 3, _ => 5 };
            bool fits = shape.Height >= kernel && shape.Width >= kernel;
            Add(new ConvolutionLayer(kernel, random.Next(1, 97), fits && random.Next(2) == 0 ? Padding.Valid : Padding.Same));
            if (random.Next(4) > 0)
            {
                Add(new ReluLayer());
            }

            int size = random.Next(3) > 0 ? 2 : random.Next(3, 5);
            if (shape.Height >= size && shape.Width >= size && random.Next(2) == 0)
            {
                Add(new MaxPoolLayer(size));
            }
        }

        if (random.Next(2) == 0)
        {
            Add(new DenseLayer(random.Next(1, 97)));
            Add(new ReluLayer());
        }

        return new NetworkArchitecture(input, [.. layers, new DenseLayer(random.Next(1, 20))]);

        void Add(Layer layer)
        {
            layers.Add(layer);
            shape = layer.OutputShape(shape);
        }
    }
}
