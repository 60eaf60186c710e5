using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Mnist.Inference.Model;

/// <summary>One tensor.</summary>
/// <param name="Dimensions">Shape.</param>
/// <param name="Values">Values in row-major order.</param>
public sealed record WeightTensor(IReadOnlyList<int> Dimensions, float[] Values)
{
    internal string DimensionsText => FormatDimensions(Dimensions);

    internal static string FormatDimensions(IEnumerable<int> dimensions) => $"[{string.Join(", ", dimensions)}]";
}

/// <summary>
/// A safetensors file (8-byte little-endian header length, JSON header, raw data), restricted to 32-bit floats.
/// The reader treats the file as hostile: it checks every length before using it, and allocates memory only for the file and its values.
/// </summary>
/// <remarks>Format: https://github.com/huggingface/safetensors#format. Stricter here: a 64 KiB header, finite values, no gaps.</remarks>
public sealed class SafeTensorsFile
{
    private const int MaxHeaderLength = 64 * 1024;

    private const long MaxFileLength = 256L << 20;

    private const string MetadataKey = "__metadata__";

    private SafeTensorsFile(IReadOnlyDictionary<string, WeightTensor> tensors, IReadOnlyDictionary<string, string> metadata, string sha256)
    {
        Tensors = tensors;
        Metadata = metadata;
        Sha256 = sha256;
    }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, WeightTensor> Tensors { get; }

    /// <summary>The header's <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>SHA-256 of the whole file, lower-case hex.</summary>
    public string Sha256 { get; }

    /// <summary>Reads a whole file, at most 256 MiB.</summary>
    /// <exception cref="WeightsException">The file is missing, unreadable, or not a complete safetensors file of finite 32-bit floats.</exception>
    public static SafeTensorsFile Read(string path)
    {
        byte[] file = ReadAll(path);
        return WeightsException.Locate(path, () => Parse(file));
    }

    /// <summary>Writes a file atomically: a reader sees the old file or the new one, never a partial one.</summary>
    /// <returns>SHA-256 of the file, lower-case hex.</returns>
    /// <exception cref="WeightsException">A value is not finite, or the reader would not accept the file; an existing file is not changed.</exception>
    public static string Write(string path, IEnumerable<KeyValuePair<string, WeightTensor>> tensors, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        byte[] file = WeightsException.Locate(path, () => Serialize(tensors, metadata));
        AtomicFile.Write(path, file, overwrite: true);
        return Hash(file);
    }

    /// <summary>The file without the entries that <paramref name="isLeftOut"/> selects by name.</summary>
    internal SafeTensorsFile Without(Func<string, bool> isLeftOut)
    {
        return new SafeTensorsFile(Others(Tensors), Others(Metadata), Sha256);

        Dictionary<string, T> Others<T>(IReadOnlyDictionary<string, T> entries) =>
            entries.Where(entry => !isLeftOut(entry.Key)).ToDictionary(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal);
    }

    /// <exception cref="InvalidDataException">The bytes are not a complete file; the message says what was found and what was expected, without a path.</exception>
    internal static SafeTensorsFile Parse(ReadOnlySpan<byte> file)
    {
        Require(file.Length >= sizeof(ulong), $"has {file.Length} bytes, too short for a safetensors header");
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(file);
        Require(headerLength <= MaxHeaderLength, $"header length is {headerLength}, expected at most {MaxHeaderLength}: not a safetensors file of this project");
        Require((ulong)(file.Length - sizeof(ulong)) >= headerLength, $"header length is {headerLength}, but only {file.Length - sizeof(ulong)} bytes follow: truncated");

        var header = file.Slice(sizeof(ulong), (int)headerLength);
        var data = file[(sizeof(ulong) + (int)headerLength)..];
        var (metadata, entries) = ReadHeader(header);
        var tensors = new Dictionary<string, WeightTensor>(StringComparer.Ordinal);

        // Sorted by offset, the tensors must cover the data without gaps and overlaps.
        long position = 0;
        foreach (var (name, dimensions, begin, end) in entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            Require(begin == position, $"'{name}' begins at byte {begin} of the data, expected {position}");
            Require(end <= data.Length, $"'{name}' ends at byte {end} of the data, but the data has {data.Length}: truncated");
            var values = MemoryMarshal.Cast<byte, float>(data[(int)begin..(int)end]).ToArray();
            RequireFinite(name, values);
            tensors.Add(name, new WeightTensor(dimensions, values));
            position = end;
        }

        Require(position == data.Length, $"{data.Length - position} bytes follow the last tensor, expected none");
        return new SafeTensorsFile(tensors, metadata, Hash(file));
    }

    private static byte[] ReadAll(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length > MaxFileLength)
            {
                throw new WeightsException($"{path}: has {stream.Length} bytes, expected at most {MaxFileLength}");
            }

            byte[] file = new byte[stream.Length];
            stream.ReadExactly(file);
            return file;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new WeightsException($"{path}: no such file", error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new WeightsException(Directory.Exists(path) ? $"{path}: is a directory, expected a safetensors file" : $"{path}: permission denied", error);
        }
        catch (Exception error) when (error is IOException or NotSupportedException or ArgumentException)
        {
            throw new WeightsException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    private static (Dictionary<string, string> Metadata, List<Entry> Entries) ReadHeader(ReadOnlySpan<byte> header)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var entries = new List<Entry>();
        try
        {
            using var document = JsonDocument.Parse(header.ToArray(), new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 4 });
            Require(document.RootElement.ValueKind == JsonValueKind.Object, "the header is not a JSON object, expected one with an entry per tensor");
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.NameEquals(MetadataKey))
                {
                    ReadMetadata(property.Value, metadata);
                }
                else
                {
                    entries.Add(ReadEntry(property.Name, property.Value));
                }
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: invalid UTF-8, or an escape of half a surrogate pair.
            throw new InvalidDataException($"the header is not valid JSON: {error.Message.ReplaceLineEndings(" ")}", error);
        }

        return (metadata, entries);
    }

    private static void ReadMetadata(JsonElement element, Dictionary<string, string> metadata)
    {
        Require(element.ValueKind == JsonValueKind.Object, $"{MetadataKey} is not a JSON object, expected one of texts");
        foreach (var property in element.EnumerateObject())
        {
            Require(property.Value.ValueKind == JsonValueKind.String, $"{MetadataKey}.{property.Name} is not a string, expected texts alone");
            metadata.Add(property.Name, property.Value.GetString()!);
        }
    }

    private static Entry ReadEntry(string name, JsonElement element)
    {
        Require(element.ValueKind == JsonValueKind.Object && element.EnumerateObject().Count() == 3, $"'{name}' must have dtype, shape and data_offsets, nothing else");
        Require(element.TryGetProperty("dtype", out var dtype) && dtype.ValueKind == JsonValueKind.String && dtype.ValueEquals("F32"), $"'{name}' must have dtype F32");
        Require(element.TryGetProperty("shape", out var shape) && IsIntegers(shape, 1, 8), $"'{name}' has no valid shape, expected 1 to 8 integers");
        Require(element.TryGetProperty("data_offsets", out var offsets) && IsIntegers(offsets, 2, 2), $"'{name}' has no valid data_offsets, expected 2 integers");

        long[] extents = [.. shape.EnumerateArray().Select(extent => extent.GetInt64())];
        long bytes = sizeof(float);
        foreach (long extent in extents)
        {
            Require(extent is > 0 and <= MaxFileLength, $"'{name}' has an extent of {extent}, expected 1 to {MaxFileLength}");
            bytes *= extent;
            Require(bytes <= MaxFileLength, $"'{name}' has more than {MaxFileLength} bytes, the limit of a file");
        }

        long begin = offsets[0].GetInt64();
        long end = offsets[1].GetInt64();
        Require(begin >= 0 && end >= begin && end - begin == bytes,
            $"'{name}' spans bytes {begin} to {end}, expected {bytes} bytes for shape [{string.Join(", ", extents)}]");
        return new Entry(name, Array.ConvertAll(extents, extent => (int)extent), begin, end);
    }

    private static bool IsIntegers(JsonElement element, int minimum, int maximum) =>
        element.ValueKind == JsonValueKind.Array && element.GetArrayLength() >= minimum && element.GetArrayLength() <= maximum
        && element.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out _));

    private static byte[] Serialize(IEnumerable<KeyValuePair<string, WeightTensor>> tensors, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        using var header = new MemoryStream();
        using var data = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            json.WriteStartObject(MetadataKey);
            foreach (var (key, value) in metadata)
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
            foreach (var (name, tensor) in tensors)
            {
                RequireFinite(name, tensor.Values);
                json.WriteStartObject(name);
                json.WriteString("dtype", "F32");
                WriteIntegers(json, "shape", tensor.Dimensions.Select(extent => (long)extent));
                long begin = data.Length;
                data.Write(MemoryMarshal.AsBytes<float>(tensor.Values));
                WriteIntegers(json, "data_offsets", [begin, data.Length]);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        // Spaces after the JSON align the data to 8 bytes, as the format recommends.
        header.Write(Encoding.ASCII.GetBytes(new string(' ', (int)(-header.Length & 7))));
        Require(header.Length <= MaxHeaderLength, $"the header would have {header.Length} bytes, expected at most {MaxHeaderLength}");
        Require(data.Length <= MaxFileLength - MaxHeaderLength - sizeof(ulong), $"the data would have {data.Length} bytes, expected less than {MaxFileLength}");
        byte[] file = new byte[sizeof(ulong) + header.Length + data.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)header.Length);
        header.ToArray().CopyTo(file, sizeof(ulong));
        data.ToArray().CopyTo(file, sizeof(ulong) + (int)header.Length);
        return file;
    }

    private static void WriteIntegers(Utf8JsonWriter json, string name, IEnumerable<long> values)
    {
        json.WriteStartArray(name);
        foreach (long value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }

    private static string Hash(ReadOnlySpan<byte> file) => Convert.ToHexStringLower(SHA256.HashData(file));

    private static void RequireFinite(string name, float[] values)
    {
        int invalid = Array.FindIndex(values, value => !float.IsFinite(value));
        Require(invalid < 0, $"'{name}' has a value that is not finite at index {invalid}");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new InvalidDataException(message);
        }
    }

    private readonly record struct Entry(string Name, int[] Dimensions, long Begin, long End);
}
