using Mnist.Inference;

namespace Mnist.Tests.Inference;

/// <summary>The layers by their definition: double precision, CHW, one loop for each index. The oracle of the engine and of the trainer.</summary>
internal static class ReferenceNetwork
{
    /// <param name="weights">The network.</param>
    /// <param name="image">One image, [H, W, C].</param>
    public static double[] Logits(NetworkWeights weights, ReadOnlySpan<float> image)
    {
        var architecture = weights.Architecture;
        double[] values = ToChw(image, architecture.Input);
        for (int i = 0; i < architecture.Layers.Count; i++)
        {
            var input = architecture.InputOf(i);
            var parameters = architecture.Parameters.Where(parameter => parameter.LayerIndex == i).ToArray();
            values = architecture.Layers[i] switch
            {
                ConvolutionLayer layer => Convolve(values, input, weights[parameters[0].Name], weights[parameters[1].Name], layer, architecture.Shapes[i]),
                MaxPoolLayer layer => Pool(values, input, layer.Size, architecture.Shapes[i]),
                ReluLayer => Array.ConvertAll(values, value => Math.Max(value, 0)),
                DenseLayer layer => Multiply(values, weights[parameters[0].Name], weights[parameters[1].Name], layer.Units),
                var layer => throw new NotSupportedException(layer.ToString()),
            };
        }

        return values;
    }

    private static double[] ToChw(ReadOnlySpan<float> image, Shape shape)
    {
        double[] values = new double[shape.Size];
        for (int i = 0; i < values.Length; i++)
        {
            values[(i % shape.Channels * shape.Height * shape.Width) + (i / shape.Channels)] = image[i];
        }

        return values;
    }

    private static double[] Convolve(double[] input, Shape shape, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, ConvolutionLayer layer, Shape outputShape)
    {
        int kernel = layer.Kernel;
        int border = layer.Padding == Padding.Same ? kernel / 2 : 0;
        double[] output = new double[outputShape.Size];
        for (int o = 0; o < outputShape.Channels; o++)
        {
            for (int y = 0; y < outputShape.Height; y++)
            {
                for (int x = 0; x < outputShape.Width; x++)
                {
                    double sum = bias[o];
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
                                    double weight = weights[(((((o * shape.Channels) + i) * kernel) + ky) * kernel) + kx];
                                    sum += weight * input[(((i * shape.Height) + row) * shape.Width) + column];
                                }
                            }
                        }
                    }

                    output[(((o * outputShape.Height) + y) * outputShape.Width) + x] = sum;
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

    private static double[] Multiply(double[] input, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, int units)
    {
        double[] output = new double[units];
        for (int o = 0; o < units; o++)
        {
            double sum = bias[o];
            for (int i = 0; i < input.Length; i++)
            {
                sum += (double)weights[(o * input.Length) + i] * input[i];
            }

            output[o] = sum;
        }

        return output;
    }
}
