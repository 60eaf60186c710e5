namespace Mnist.Training.Export;

/// <summary>
/// The part of the ONNX format that <see cref="OnnxExporter"/> writes: field numbers by message, as https://github.com/onnx/onnx/blob/main/onnx/onnx.proto defines them.
/// </summary>
internal static class OnnxSchema
{
    public static class Model
    {
        public const int IrVersion = 1;
        public const int ProducerName = 2;
        public const int Graph = 7;
        public const int OpsetImport = 8;
        public const int MetadataProps = 14;
    }

    public static class OperatorSetId
    {
        public const int Version = 2;
    }

    public static class StringStringEntry
    {
        public const int Key = 1;
        public const int Value = 2;
    }

    public static class Graph
    {
        public const int Node = 1;
        public const int Name = 2;
        public const int Initializer = 5;
        public const int Input = 11;
        public const int Output = 12;
    }

    public static class Node
    {
        public const int Input = 1;
        public const int Output = 2;
        public const int Name = 3;
        public const int OpType = 4;
        public const int Attribute = 5;
    }

    public static class Attribute
    {
        public const int Name = 1;
        public const int Integer = 3;
        public const int Integers = 8;
        public const int Type = 20;
        public const int TypeInteger = 2;
        public const int TypeIntegers = 7;
    }

    public static class Tensor
    {
        public const int Dimensions = 1;
        public const int DataType = 2;
        public const int Name = 8;
        public const int RawData = 9;
        public const int Float = 1;
    }

    public static class ValueInfo
    {
        public const int Name = 1;
        public const int Type = 2;
    }

    public static class Type
    {
        public const int TensorType = 1;
    }

    public static class TensorType
    {
        public const int ElementType = 1;
        public const int Shape = 2;
    }

    public static class TensorShape
    {
        public const int Dimension = 1;
    }

    public static class Dimension
    {
        public const int Value = 1;
        public const int Parameter = 2;
    }
}
