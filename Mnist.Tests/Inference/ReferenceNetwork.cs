using System.Numerics.Tensors;
using Mnist.Inference.Model;

namespace Mnist.Tests.Inference;

/// <summary>Direct implementation of the layers in double precision, CHW, one loop per index: the oracle of the engine and the trainer.</summary>
internal static class ReferenceNetwork
{
    /// <param name="weights">The network.</param>
    /// <param name="image">One image, [H, W, C].</param>
    public static double[] Logits(NetworkWeights weights, ReadOnlySpan<float> image) =>
        Forward(weights.Architecture, Parameters(weights), [ToChw(image, weights.Architecture.Input)])[0];

    /// <summary>The parameters by name, in double precision.</summary>
    public static Dictionary<string, double[]> Parameters(NetworkWeights weights) => weights.Architecture.Parameters.ToDictionary(
        parameter => parameter.Name,
        parameter => Array.ConvertAll(weights[parameter.Name].ToArray(), value => (double)value));

    /// <param name="architecture">The layers.</param>
    /// <param name="parameters">Parameters by name; batch normalisation over all images follows a convolution that has convN.scale and convN.shift.</param>
    /// <param name="images">Images, each [C, H, W].</param>
    /// <returns>Logits of each image.</returns>
    public static double[][] Forward(NetworkArchitecture architecture, IReadOnlyDictionary<string, double[]> parameters, double[][] images)
    {
        double[][] values = images;
        for (int i = 0; i < architecture.Layers.Count; i++)
        {
            var input = architecture.InputOf(i);
            var output = architecture.Shapes[i];
            string weight = architecture.Parameters.FirstOrDefault(parameter => parameter.LayerIndex == i)?.Name ?? string.Empty;
            string bias = weight.Replace("weight", "bias", StringComparison.Ordinal);
            values = architecture.Layers[i] switch
            {
                ConvolutionLayer layer => Convolve(values, input, parameters[weight], parameters[bias], layer),
                MaxPoolLayer layer => Array.ConvertAll(values, image => Pool(image, input, layer.Size, output)),
                ReluLayer => Array.ConvertAll(values, image => Array.ConvertAll(image, value => Math.Max(value, 0))),
                DenseLayer layer => Array.ConvertAll(values, image => Multiply(image, parameters[weight], parameters[bias], layer.Units)),
                var layer => throw new NotSupportedException(layer.ToString()),
            };
            if (parameters.TryGetValue(weight.Replace("weight", "scale", StringComparison.Ordinal), out double[]? scale) && weight.Length > 0)
            {
                Normalize(values, output.Height * output.Width, scale, parameters[weight.Replace("weight", "shift", StringComparison.Ordinal)]);
            }
        }

        return values;
    }

    public static double[] ToChw(ReadOnlySpan<float> image, Shape shape)
    {
        double[] values = new double[shape.Size];
        for (int i = 0; i < values.Length; i++)
        {
            values[(i % shape.Channels * shape.Height * shape.Width) + (i / shape.Channels)] = image[i];
        }

        return values;
    }

    /// <param name="images">Images, each [C, H, W].</param>
    /// <param name="shape">Shape of an image.</param>
    /// <param name="weights">[outputs, inputs, K, K].</param>
    /// <param name="bias">[outputs].</param>
    /// <param name="layer">Kernel and padding.</param>
    /// <returns>Outputs, each [C, H, W].</returns>
    public static double[][] Convolve(double[][] images, Shape shape, double[] weights, double[] bias, ConvolutionLayer layer)
    {
        // The outputs of a tap are contiguous: vector sums keep ten thousand images within minutes.
        int taps = weights.Length / bias.Length;
        double[] ofTap = new double[weights.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            ofTap[(i % taps * bias.Length) + (i / taps)] = weights[i];
        }

        return Array.ConvertAll(images, image => Convolve(image, shape, ofTap, bias, layer));
    }

    private static double[] Convolve(double[] input, Shape shape, double[] weightsOfTap, double[] bias, ConvolutionLayer layer)
    {
        var outputShape = layer.OutputShape(shape);
        int kernel = layer.Kernel;
        int border = layer.Padding == Padding.Same ? kernel / 2 : 0;
        double[] output = new double[outputShape.Size];
        double[] sums = new double[bias.Length];
        for (int y = 0; y < outputShape.Height; y++)
        {
            for (int x = 0; x < outputShape.Width; x++)
            {
                bias.CopyTo(sums, 0);
                for (int i = 0; i < shape.Channels; i++)
                {
                    for (int ky = 0; ky < kernel; ky++)
                    {
                        for (int kx = 0; kx < kernel; kx++)
                        {
                            int row = y + ky - border;
                            int column = x + kx - border;
                            if (row >= 0 && row < shape.Height && column >= 0 && column < shape.Width)
                            {
                                int tap = (((i * kernel) + ky) * kernel) + kx;
                                double value = input[(((i * shape.Height) + row) * shape.Width) + column];
                                TensorPrimitives.MultiplyAdd(weightsOfTap.AsSpan(tap * sums.Length, sums.Length), value, sums, sums);
                            }
                        }
                    }
                }

                for (int o = 0; o < sums.Length; o++)
                {
                    output[(((o * outputShape.Height) + y) * outputShape.Width) + x] = sums[o];
                }
            }
        }

        return output;
    }

    private static double[] Pool(double[] input, Shape shape, int size, Shape outputShape)
    {
        double[] output = new double[outputShape.Size];
        for (int i = 0; i < output.Length; i++)
        {
            int x = i % outputShape.Width;
            int y = i / outputShape.Width % outputShape.Height;
            int channel = i / (outputShape.Width * outputShape.Height);
            double largest = double.NegativeInfinity;
            for (int k = 0; k < size * size; k++)
            {
                largest = Math.Max(largest, input[(((channel * shape.Height) + (y * size) + (k / size)) * shape.Width) + (x * size) + (k % size)]);
            }

            output[i] = largest;
        }

        return output;
    }

    private static double[] Multiply(double[] input, double[] weights, double[] bias, int units)
    {
        double[] output = new double[units];
        for (int o = 0; o < units; o++)
        {
            double sum = bias[o];
            for (int i = 0; i < input.Length; i++)
            {
                sum += weights[(o * input.Length) + i] * input[i];
            }

            output[o] = sum;
        }

        return output;
    }

    /// <summary>Batch normalisation (arXiv 1502.03167) with epsilon 1e-5.</summary>
    private static void Normalize(double[][] images, int pixels, double[] scale, double[] shift)
    {
        for (int channel = 0; channel < scale.Length; channel++)
        {
            double[] values = [.. images.SelectMany(image => image.Skip(channel * pixels).Take(pixels))];
            double mean = values.Average();
            double deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)) + 1e-5);
            foreach (double[] image in images)
            {
                for (int i = channel * pixels; i < (channel + 1) * pixels; i++)
                {
                    image[i] = (scale[channel] * (image[i] - mean) / deviation) + shift[channel];
                }
            }
        }
    }
}
