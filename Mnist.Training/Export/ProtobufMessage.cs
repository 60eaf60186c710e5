using Google.Protobuf;

namespace Mnist.Training.Export;

/// <summary>
/// One protobuf message: its fields in the order in which they were added, each named by its number in the message's definition.
/// A list adds a repeated field.
/// </summary>
internal sealed class ProtobufMessage
{
    private readonly List<Action<CodedOutputStream>> _fields = [];

    public ProtobufMessage Add(int field, params IEnumerable<long> values) =>
        Add(field, WireFormat.WireType.Varint, values, (output, value) => output.WriteInt64(value));

    public ProtobufMessage Add(int field, params IEnumerable<string> values) =>
        Add(field, WireFormat.WireType.LengthDelimited, values, (output, value) => output.WriteString(value));

    public ProtobufMessage Add(int field, byte[] value) =>
        Add(field, WireFormat.WireType.LengthDelimited, [value], (output, value) => output.WriteBytes(UnsafeByteOperations.UnsafeWrap(value)));

    public ProtobufMessage Add(int field, params IEnumerable<ProtobufMessage> values) =>
        Add(field, WireFormat.WireType.LengthDelimited, values, (output, value) => output.WriteBytes(UnsafeByteOperations.UnsafeWrap(value.ToArray())));

    public byte[] ToArray()
    {
        using var message = new MemoryStream();
        using var output = new CodedOutputStream(message);
        foreach (var write in _fields)
        {
            write(output);
        }

        output.Flush();
        return message.ToArray();
    }

    private ProtobufMessage Add<T>(int field, WireFormat.WireType type, IEnumerable<T> values, Action<CodedOutputStream, T> write)
    {
        foreach (var value in values)
        {
            _fields.Add(output =>
            {
                output.WriteTag(field, type);
                write(output, value);
            });
        }

        return this;
    }
}
