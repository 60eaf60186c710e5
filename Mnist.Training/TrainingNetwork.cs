using Mnist.Inference;
using Mnist.Inference.Kernels;
using Mnist.Inference.Plan;
using Mnist.Training.Layers;

namespace Mnist.Training;

/// <summary>Forward and backward pass of one shard of a batch: its own activations, shared parameters.</summary>
internal sealed class TrainingNetwork
{
    private readonly List<TrainingLayer> _layers;
    private readonly InputLayer _input;
    private readonly int _classCount;

    private TrainingNetwork(List<TrainingLayer> layers, int classCount, int images)
    {
        _layers = layers;
        _input = (InputLayer)layers[0];
        _classCount = classCount;
        Images = images;
    }

    /// <summary>Images in a shard.</summary>
    public int Images { get; }

    public IEnumerable<BatchNormalization> Normalizations => _layers.OfType<BatchNormalization>();

    public static TrainingNetwork Create(ParameterLayout parameters, int images) => SimdPaths.Best switch
    {
        SimdPath.Vector512 => Create<Vec512>(parameters, images),
        SimdPath.Vector256 => Create<Vec256>(parameters, images),
        SimdPath.Vector128 => Create<Vec128>(parameters, images),
        _ => Create<VecScalar>(parameters, images),
    };

    private static TrainingNetwork Create<TVec>(ParameterLayout parameters, int images)
        where TVec : struct, IVector<TVec>
    {
        var architecture = parameters.Architecture;
        TensorLayout LayoutOf(int layer, int reader) =>
            NetworkPlan.LayoutFor(architecture.Shapes[layer], architecture.Layers.ElementAtOrDefault(reader), ConvolutionAlgorithm.Fastest);

        var scratch = new Scratch();
        var input = NetworkPlan.LayoutFor(architecture.Input, architecture.Layers[0], ConvolutionAlgorithm.Fastest);
        var layers = new List<TrainingLayer> { new InputLayer(input with { ChannelStride = architecture.Input.Channels }, images) };
        for (int i = 0; i < architecture.Layers.Count; i++)
        {
            bool relu = architecture.Layers.ElementAtOrDefault(i + 1) is ReluLayer;
            var bordered = LayoutOf(i, relu ? i + 2 : i + 1);
            var output = bordered.WithoutBorder();
            switch (architecture.Layers[i])
            {
                case ConvolutionLayer layer:
                    layers.Add(new ConvolutionTrainingLayer<TVec>(layer, layers[^1], output, images, parameters.Of(i), scratch));
                    if (parameters.Of(i).Scale is null)
                    {
                        layers.Add(new ActivationLayer(layers[^1], bordered, relu, images));
                    }
                    else
                    {
                        // With the pooling behind it, unless that leaves pixels out.
                        int convolution = i;
                        int following = relu ? i + 2 : i + 1;
                        int pool = architecture.Layers.ElementAtOrDefault(following) is MaxPoolLayer next
                            && output.Height % next.Size == 0 && output.Width % next.Size == 0 ? next.Size : 1;
                        i = pool > 1 ? following : following - 1;
                        layers.Add(new BatchNormalization(layers[^1], LayoutOf(i, i + 1), relu, pool, images, parameters.Of(convolution)));
                    }

                    break;
                case MaxPoolLayer layer:
                    layers.Add(new MaxPoolTrainingLayer<TVec>(layer, layers[^1], bordered, images));
                    break;
                case DenseLayer:
                    layers.Add(new DenseTrainingLayer<TVec>(layers[^1], output, images, parameters.Of(i)));
                    if (relu)
                    {
                        layers.Add(new ActivationLayer(layers[^1], output, relu, images));
                    }

                    break;
            }
        }

        return new TrainingNetwork(layers, architecture.ClassCount, images);
    }

    /// <param name="index">Place in the shard.</param>
    /// <param name="image">[H, W, C], 0 to 1.</param>
    public void SetImage(int index, ReadOnlySpan<float> image) => _input.SetImage(index, image);

    public void Forward(ParameterVector parameters)
    {
        foreach (var layer in _layers)
        {
            layer.Forward(parameters);
        }
    }

    /// <summary>Logits of one image of the last <see cref="Forward"/>.</summary>
    public ReadOnlySpan<float> Logits(int index) => _layers[^1].Output.Span.Slice(index * _layers[^1].OutputLayout.ImageStride, _classCount);

    /// <summary>Backward pass from softmax cross-entropy, averaged over the whole batch.</summary>
    /// <param name="parameters">The parameters that <see cref="Forward"/> used.</param>
    /// <param name="labels">Class of each image of the shard.</param>
    /// <param name="batchSize">Images in the batch, all shards together.</param>
    /// <param name="gradient">Gradient of the parameters, overwritten.</param>
    /// <returns>Sum of the losses of the shard's images.</returns>
    public double Backward(ParameterVector parameters, ReadOnlySpan<byte> labels, int batchSize, Span<float> gradient)
    {
        gradient.Clear();
        double loss = 0;
        Span<float> probabilities = stackalloc float[_classCount];
        for (int image = 0; image < Images; image++)
        {
            Softmax.Rows(Logits(image), _classCount, probabilities);
            loss -= Math.Log(Math.Max(probabilities[labels[image]], float.Epsilon));

            // d(-log softmax(z)[label]) / dz = softmax(z) - onehot(label)
            probabilities[labels[image]] -= 1;
            var logitGradient = _layers[^1].OutputGradient.Span.Slice(image * _layers[^1].GradientLayout.ImageStride, _classCount);
            for (int i = 0; i < _classCount; i++)
            {
                logitGradient[i] = probabilities[i] / batchSize;
            }
        }

        for (int i = _layers.Count - 1; i > 0; i--)
        {
            _layers[i].Backward(parameters, gradient);
        }

        return loss;
    }
}
