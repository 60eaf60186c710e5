using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Mnist.Inference.Model;
using Mnist.Training.Data;

namespace Mnist.Training;

/// <summary>An unfinished training run: everything needed to resume it and end with the same bits as without the interruption.</summary>
/// <remarks>
/// Stored as a safetensors file: the vectors of the <see cref="TrainerState"/> and the metrics of the epochs are tensors, the rest is metadata. A
/// checksum covers everything, because the format has none.
/// </remarks>
public sealed record Checkpoint
{
    private const string ChecksumKey = "checksum";

    /// <summary>Stored instead of the number of validation errors if there are no validation images.</summary>
    private const float NotValidated = -1;

    /// <summary>The command that started the run.</summary>
    public required string Command { get; init; }

    /// <summary>The recipe.</summary>
    public required TrainingOptions Options { get; init; }

    /// <summary>Whether the last training images are held back for validation.</summary>
    public required bool Validation { get; init; }

    /// <summary>Number of training images.</summary>
    public required int ImageCount { get; init; }

    /// <summary>Checksum of the training images, see <see cref="Sha256"/>.</summary>
    public required string DataSha256 { get; init; }

    /// <summary>State of the trainer.</summary>
    public required TrainerState State { get; init; }

    /// <summary>Metrics of the complete epochs.</summary>
    public required IReadOnlyList<EpochMetrics> Epochs { get; init; }

    /// <summary>Training time so far.</summary>
    public required TimeSpan TrainingTime { get; init; }

    /// <summary>SHA-256 of pixels and labels, lower-case hex.</summary>
    public static string Sha256(DigitDataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(data.Images);
        hash.AppendData(data.Labels);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Writes the file atomically: the old file stays until the new one is complete.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        var tensors = Tensors();
        var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["command"] = Command,
            ["options"] = Recipe.ToJson(Options).ToJsonString(),
            ["validation"] = Text(Validation),
            ["image_count"] = Text(ImageCount),
            ["data_sha256"] = DataSha256,
            ["step_count"] = Text(State.StepCount),
            ["epoch_step"] = Text(State.EpochStep),
            ["epoch_loss"] = Text(State.EpochLoss),
            ["training_seconds"] = Text(TrainingTime.TotalSeconds),
        };
        metadata[ChecksumKey] = Checksum(tensors, metadata);
        SafeTensorsFile.Write(path, tensors, metadata);

        static string Text(IConvertible value) => value.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="InvalidDataException">The file is missing, truncated, altered or not a checkpoint; one line with path and reason.</exception>
    public static Checkpoint Load(string path)
    {
        try
        {
            var file = SafeTensorsFile.Read(path);
            string checksum = file.Metadata.TryGetValue(ChecksumKey, out string? value)
                ? value
                : throw new WeightsException($"{path}: a safetensors file, but not a checkpoint of a training run");
            return Checksum(file.Tensors, file.Metadata) == checksum
                ? FromFile(file)
                : throw new WeightsException($"{path}: the checksum is not that of the content: the file was altered");
        }
        catch (WeightsException exception)
        {
            throw new InvalidDataException(exception.Message, exception);
        }
        catch (Exception exception) when (exception is KeyNotFoundException or FormatException or InvalidDataException)
        {
            throw new InvalidDataException($"{path}: a checkpoint of another version: {exception.Message}", exception);
        }
    }

    /// <summary>
    /// The first difference in options or data that would make a resumed run end with other bits than the saved one; null if there is none. The number of
    /// threads does not matter.
    /// </summary>
    public string? Difference(TrainingOptions options, DigitDataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var saved = Recipe.ToJson(Options);
        var found = Recipe.ToJson(options with { Threads = Options.Threads });
        if (saved.FirstOrDefault(option => !JsonNode.DeepEquals(option.Value, found[option.Key])) is { Key: { } name })
        {
            return name == "architecture"
                ? $"was made with {Describe(Options.Architecture)}, this is {Describe(options.Architecture)}"
                : $"was made with {name} {saved[name]}, this is {found[name]}";
        }

        string sha256 = Sha256(data);
        return sha256 == DataSha256 ? null : $"was made with {ImageCount} images (SHA-256 {DataSha256[..12]}…), these are {data.Count} (SHA-256 {sha256[..12]}…)";
    }

    private static string Describe(NetworkArchitecture architecture) =>
        Architectures.NameOf(architecture) is { } name
            ? $"the network {name}"
            : string.Create(CultureInfo.InvariantCulture, $"a network of {architecture.Layers.Count} layers and {architecture.ParameterCount:N0} parameters");

    private static Checkpoint FromFile(SafeTensorsFile file)
    {
        float[] metrics = file.Tensors.TryGetValue("epochs", out var epochs) ? epochs.Values : [];
        return new Checkpoint
        {
            Command = file.Metadata["command"],
            Options = Recipe.Parse(file.Metadata["options"]),
            Validation = bool.Parse(file.Metadata["validation"]),
            ImageCount = Integer("image_count"),
            DataSha256 = file.Metadata["data_sha256"],
            State = new TrainerState(
                Integer("step_count"), Integer("epoch_step"), Number("epoch_loss"),
                file.Tensors["parameters"].Values, file.Tensors["average"].Values, file.Tensors["first_moment"].Values, file.Tensors["second_moment"].Values),
            Epochs = [.. metrics.Chunk(4).Select(row => new EpochMetrics(row[0], row[1], row[2], row[3] == NotValidated ? null : (int)row[3]))],
            TrainingTime = TimeSpan.FromSeconds(Number("training_seconds")),
        };

        int Integer(string key) => int.Parse(file.Metadata[key], CultureInfo.InvariantCulture);

        double Number(string key) => double.Parse(file.Metadata[key], CultureInfo.InvariantCulture);
    }

    private SortedDictionary<string, WeightTensor> Tensors()
    {
        var tensors = new SortedDictionary<string, WeightTensor>(StringComparer.Ordinal)
        {
            ["parameters"] = Vector(State.Parameters),
            ["average"] = Vector(State.Average),
            ["first_moment"] = Vector(State.FirstMoment),
            ["second_moment"] = Vector(State.SecondMoment),
        };
        if (Epochs.Count > 0)
        {
            tensors["epochs"] = new WeightTensor(
                [Epochs.Count, 4],
                [.. Epochs.SelectMany(epoch => new[] { epoch.Loss, epoch.LearningRate, epoch.ImagesPerSecond, epoch.ValidationErrors ?? NotValidated })]);
        }

        return tensors;

        static WeightTensor Vector(float[] values) => new([values.Length], values);
    }

    private static string Checksum(IEnumerable<KeyValuePair<string, WeightTensor>> tensors, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (key, value) in metadata.Where(entry => entry.Key != ChecksumKey).OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{key}\0{value}\0"));
        }

        foreach (var (name, tensor) in tensors.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\0"));
            hash.AppendData(MemoryMarshal.AsBytes<float>(tensor.Values));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
