using System.Buffers.Binary;
using Mnist.Inference.Model;

namespace Mnist.Training.Export;

/// <summary>
/// Writes a network as an ONNX model, so that other runtimes can run it: to check this engine against them, or to use the weights elsewhere.
/// Input <c>images</c> [N,1,28,28], 0 to 1; outputs <c>logits</c> and, unless they are not wanted, <c>probabilities</c> [N,10]; N is free.
/// </summary>
public static class OnnxExporter
{
    public const string Images = "images";
    public const string Logits = "logits";
    public const string Probabilities = "probabilities";

    private const int IrVersion = 8;
    private const int OpsetVersion = 13;
    private const string BatchSize = "N";

    /// <summary>The model file's bytes.</summary>
    /// <param name="weights">The network.</param>
    /// <param name="probabilities">Whether the model ends with softmax.</param>
    public static byte[] Export(NetworkWeights weights, bool probabilities = true)
    {
        ArgumentNullException.ThrowIfNull(weights);
        var architecture = weights.Architecture;
        var graph = new ProtobufMessage()
            .Add(OnnxSchema.Graph.Node, Nodes(architecture))
            .Add(OnnxSchema.Graph.Name, "mnist")
            .Add(OnnxSchema.Graph.Initializer, architecture.Parameters.Select(parameter => Tensor(parameter, weights[parameter.Name])))
            .Add(OnnxSchema.Graph.Input, ValueInfo(Images, architecture.Input.Channels, architecture.Input.Height, architecture.Input.Width))
            .Add(OnnxSchema.Graph.Output, ValueInfo(Logits, architecture.ClassCount));
        if (probabilities)
        {
            graph
                .Add(OnnxSchema.Graph.Node, Node("Softmax", [Logits], Probabilities, Attribute("axis", 1)))
                .Add(OnnxSchema.Graph.Output, ValueInfo(Probabilities, architecture.ClassCount));
        }

        return new ProtobufMessage()
            .Add(OnnxSchema.Model.IrVersion, IrVersion)
            .Add(OnnxSchema.Model.ProducerName, "mnist")
            .Add(OnnxSchema.Model.Graph, graph)
            .Add(OnnxSchema.Model.OpsetImport, new ProtobufMessage().Add(OnnxSchema.OperatorSetId.Version, OpsetVersion))
            .Add(OnnxSchema.Model.MetadataProps, weights.Metadata.Select(entry => new ProtobufMessage()
                .Add(OnnxSchema.StringStringEntry.Key, entry.Key)
                .Add(OnnxSchema.StringStringEntry.Value, entry.Value)))
            .ToArray();
    }

    // Each layer reads what the one before it wrote. Values are [N,C,H,W] until Flatten makes [N, C*H*W] of them for the first dense layer.
    private static IEnumerable<ProtobufMessage> Nodes(NetworkArchitecture architecture)
    {
        string value = Images;
        bool flat = false;
        for (int i = 0; i < architecture.Layers.Count; i++)
        {
            string output = i == architecture.Layers.Count - 1 ? Logits : $"layer{i + 1}";
            string[] parameters = [.. architecture.ParametersOf(i).Select(parameter => parameter.Name)];
            switch (architecture.Layers[i])
            {
                case ConvolutionLayer layer:
                    int pad = layer.Padding == Padding.Same ? layer.Kernel / 2 : 0;
                    yield return Node("Conv", [value, .. parameters], output,
                        Attribute("kernel_shape", [layer.Kernel, layer.Kernel]), Attribute("pads", [pad, pad, pad, pad]));
                    break;
                case MaxPoolLayer layer:
                    yield return Node("MaxPool", [value], output,
                        Attribute("kernel_shape", [layer.Size, layer.Size]), Attribute("strides", [layer.Size, layer.Size]));
                    break;
                case ReluLayer:
                    yield return Node("Relu", [value], output);
                    break;
                case DenseLayer:
                    if (!flat)
                    {
                        yield return Node("Flatten", [value], "flat");
                        value = "flat";
                        flat = true;
                    }

                    yield return Node("Gemm", [value, .. parameters], output, Attribute("transB", 1));
                    break;
                default:
                    throw new NotSupportedException($"layer {i} ({architecture.Layers[i]}) has no ONNX form here");
            }

            value = output;
        }
    }

    private static ProtobufMessage Node(string operation, string[] inputs, string output, params ProtobufMessage[] attributes) =>
        new ProtobufMessage()
            .Add(OnnxSchema.Node.Input, inputs)
            .Add(OnnxSchema.Node.Output, output)
            .Add(OnnxSchema.Node.Name, output)
            .Add(OnnxSchema.Node.OpType, operation)
            .Add(OnnxSchema.Node.Attribute, attributes);

    private static ProtobufMessage Attribute(string name, long value) =>
        new ProtobufMessage()
            .Add(OnnxSchema.Attribute.Name, name)
            .Add(OnnxSchema.Attribute.Integer, value)
            .Add(OnnxSchema.Attribute.Type, OnnxSchema.Attribute.TypeInteger);

    private static ProtobufMessage Attribute(string name, long[] values) =>
        new ProtobufMessage()
            .Add(OnnxSchema.Attribute.Name, name)
            .Add(OnnxSchema.Attribute.Integers, values)
            .Add(OnnxSchema.Attribute.Type, OnnxSchema.Attribute.TypeIntegers);

    private static ProtobufMessage Tensor(Parameter parameter, ReadOnlySpan<float> values)
    {
        byte[] littleEndian = new byte[values.Length * sizeof(float)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(littleEndian.AsSpan(i * sizeof(float)), values[i]);
        }

        return new ProtobufMessage()
            .Add(OnnxSchema.Tensor.Dimensions, parameter.Dimensions.Select(extent => (long)extent))
            .Add(OnnxSchema.Tensor.DataType, OnnxSchema.Tensor.Float)
            .Add(OnnxSchema.Tensor.Name, parameter.Name)
            .Add(OnnxSchema.Tensor.RawData, littleEndian);
    }

    // A float tensor [N, extents...].
    private static ProtobufMessage ValueInfo(string name, params int[] extents)
    {
        var shape = new ProtobufMessage()
            .Add(OnnxSchema.TensorShape.Dimension, new ProtobufMessage().Add(OnnxSchema.Dimension.Parameter, BatchSize))
            .Add(OnnxSchema.TensorShape.Dimension, extents.Select(extent => new ProtobufMessage().Add(OnnxSchema.Dimension.Value, extent)));
        var tensorType = new ProtobufMessage()
            .Add(OnnxSchema.TensorType.ElementType, OnnxSchema.Tensor.Float)
            .Add(OnnxSchema.TensorType.Shape, shape);
        return new ProtobufMessage()
            .Add(OnnxSchema.ValueInfo.Name, name)
            .Add(OnnxSchema.ValueInfo.Type, new ProtobufMessage().Add(OnnxSchema.Type.TensorType, tensorType));
    }
}
