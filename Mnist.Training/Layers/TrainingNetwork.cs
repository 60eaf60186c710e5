using System.Numerics.Tensors;
using Mnist.Inference.Kernels;
using Mnist.Inference.Model;
using Mnist.Inference.Plan;
using Mnist.Training.Optimization;

namespace Mnist.Training.Layers;

/// <summary>Forward and backward pass of one shard of a batch. Each instance has its own activations; parameters are shared.</summary>
internal sealed class TrainingNetwork
{
    private readonly InputLayer _input;
    private readonly TrainingLayer _output;
    private readonly IReadOnlyList<TrainingStage> _stages;
    private readonly int _classCount;

    private TrainingNetwork(InputLayer input, TrainingLayer output, IReadOnlyList<TrainingStage> stages, int classCount, int images)
    {
        _input = input;
        _output = output;
        _stages = stages;
        _classCount = classCount;
        Images = images;
    }

    /// <summary>Images in a shard.</summary>
    public int Images { get; }

    public IEnumerable<BatchNormalization> Normalizations => _stages.SelectMany(stage => stage.Steps).OfType<BatchNormalization>();

    public static TrainingNetwork Create(ParameterLayout parameters, int images) => VectorWidths.Best switch
    {
        VectorWidth.Vector512 => Create<Vec512>(parameters, images),
        VectorWidth.Vector256 => Create<Vec256>(parameters, images),
        VectorWidth.Vector128 => Create<Vec128>(parameters, images),
        _ => Create<VecScalar>(parameters, images),
    };

    private static TrainingNetwork Create<TVec>(ParameterLayout parameters, int images)
        where TVec : struct, IVector<TVec>
    {
        var architecture = parameters.Architecture;
        TensorLayout LayoutOf(int layer, int reader) =>
            NetworkPlan.LayoutFor(architecture.Shapes[layer], architecture.Layers.ElementAtOrDefault(reader), ConvolutionAlgorithm.Fastest, WinogradVariant.WithSixPoints);

        var scratch = new Scratch();
        var inputLayout = NetworkPlan.LayoutFor(architecture.Input, architecture.Layers[0], ConvolutionAlgorithm.Fastest, WinogradVariant.WithSixPoints);
        var input = new InputLayer(inputLayout with { ChannelStride = architecture.Input.Channels }, images);
        TrainingLayer last = input;
        var stages = new List<List<ITrainingStep>> { new() };
        void Add<TLayer>(TLayer layer)
            where TLayer : TrainingLayer, ITrainingStep
        {
            stages[^1].Add(layer);
            last = layer;
        }

        for (int i = 0; i < architecture.Layers.Count; i++)
        {
            bool relu = architecture.Layers.ElementAtOrDefault(i + 1) is ReluLayer;
            var bordered = LayoutOf(i, relu ? i + 2 : i + 1);
            var output = bordered.WithoutBorder();
            switch (architecture.Layers[i])
            {
                case ConvolutionLayer layer:
                    Add(new ConvolutionTrainingLayer<TVec>(layer, last, output, images, parameters.Of(i), scratch));
                    if (parameters.Of(i).Scale is null)
                    {
                        Add(new ActivationLayer(last, bordered, relu, images));
                    }
                    else
                    {
                        // Batch normalisation is fused with the max pooling after it, unless the pooling leaves pixels out.
                        int convolution = i;
                        int following = relu ? i + 2 : i + 1;
                        int pool = architecture.Layers.ElementAtOrDefault(following) is MaxPoolLayer next
                            && output.Height % next.Size == 0 && output.Width % next.Size == 0 ? next.Size : 1;
                        i = pool > 1 ? following : following - 1;
                        var normalization = new BatchNormalization(last, LayoutOf(i, i + 1), relu, pool, images, parameters.Of(convolution));
                        stages[^1].Add(new BatchStatistics(normalization, last, images));
                        stages.Add([]);
                        Add(normalization);
                    }

                    break;
                case MaxPoolLayer layer:
                    Add(new MaxPoolTrainingLayer<TVec>(layer, last, bordered, images));
                    break;
                case DenseLayer:
                    Add(new DenseTrainingLayer<TVec>(last, output, images, parameters.Of(i)));
                    if (relu)
                    {
                        Add(new ActivationLayer(last, output, relu, images));
                    }

                    break;
            }
        }

        return new TrainingNetwork(
            input, last, [.. stages.Select(steps => new TrainingStage(steps, steps.OfType<TrainingLayer>().Min(layer => layer.ImagesAtOnce)))],
            architecture.ClassCount, images);
    }

    /// <param name="index">Index in the shard.</param>
    /// <param name="image">[H, W, C], 0 to 1.</param>
    public void SetImage(int index, ReadOnlySpan<float> image) => _input.SetImage(index, image);

    public void Forward(ParameterVector parameters)
    {
        foreach (var stage in _stages)
        {
            foreach (var images in ImageRange.All(Images, stage.ImagesAtOnce))
            {
                foreach (var step in stage.Steps)
                {
                    step.Forward(parameters, images);
                }
            }
        }
    }

    /// <summary>Backward pass from the softmax cross-entropy, averaged over the whole batch.</summary>
    /// <param name="parameters">The parameters that <see cref="Forward"/> used.</param>
    /// <param name="labels">Class of each image of the shard.</param>
    /// <param name="batchSize">Images in the batch, of all shards together.</param>
    /// <param name="gradient">Gradient of the parameters, overwritten.</param>
    /// <returns>Sum of the losses of the shard's images.</returns>
    public double Backward(ParameterVector parameters, ReadOnlySpan<byte> labels, int batchSize, Span<float> gradient)
    {
        gradient.Clear();
        double loss = 0;
        for (int i = _stages.Count - 1; i >= 0; i--)
        {
            var stage = _stages[i];
            foreach (var images in ImageRange.All(Images, stage.ImagesAtOnce))
            {
                if (i == _stages.Count - 1)
                {
                    loss += LossOf(images, labels, batchSize);
                }

                // A later range has overwritten these outputs. Computing them again is cheaper than storing those of all images.
                if (stage.ImagesAtOnce < Images)
                {
                    (stage.Steps[0] as BatchNormalization)?.Forward(parameters, images);
                }

                foreach (var step in stage.Steps.Reverse())
                {
                    step.Backward(parameters, gradient, images);
                }
            }
        }

        return loss;
    }

    /// <summary>Writes the gradients of the logits of these images and returns the sum of their losses.</summary>
    private double LossOf(ImageRange images, ReadOnlySpan<byte> labels, int batchSize)
    {
        double loss = 0;
        var outputs = _output.Outputs(images);
        var gradients = _output.OutputGradients(images);
        Span<float> probabilities = stackalloc float[_classCount];
        for (int image = 0; image < images.Count; image++)
        {
            byte label = labels[images.First + image];
            Softmax.Rows(outputs.Slice(image * _output.OutputLayout.ImageStride, _classCount), _classCount, probabilities);
            loss -= Math.Log(Math.Max(probabilities[label], float.Epsilon));

            // d(-log softmax(z)[label]) / dz = softmax(z) - onehot(label)
            probabilities[label] -= 1;
            TensorPrimitives.Divide(probabilities, batchSize, gradients.Slice(image * _output.GradientLayout.ImageStride, _classCount));
        }

        return loss;
    }
}
