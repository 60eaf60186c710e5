namespace Mnist.Inference.Model;

/// <summary>An architecture and the values of its parameters: the content of a weights file and the result of a training.</summary>
public sealed class NetworkWeights
{
    /// <summary>Key of the architecture's JSON in the file's metadata.</summary>
    public const string ArchitectureKey = "architecture";

    private readonly IReadOnlyDictionary<string, WeightTensor> _tensors;

    /// <param name="architecture">The layers.</param>
    /// <param name="tensors">Exactly the tensors of <see cref="NetworkArchitecture.Parameters"/>, by name.</param>
    /// <param name="metadata">Texts to store with the weights, such as seed and epochs.</param>
    /// <exception cref="InvalidDataException">A tensor is missing, unknown, of the wrong shape, or has another number of values than its shape.</exception>
    public NetworkWeights(NetworkArchitecture architecture, IReadOnlyDictionary<string, WeightTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        ArgumentNullException.ThrowIfNull(tensors);
        Architecture = architecture;
        _tensors = tensors;
        Metadata = metadata ?? new Dictionary<string, string>();
        foreach (var parameter in architecture.Parameters)
        {
            string expected = WeightTensor.FormatDimensions(parameter.Dimensions);
            if (!tensors.TryGetValue(parameter.Name, out var tensor))
            {
                throw new InvalidDataException($"tensor '{parameter.Name}' of shape {expected} is missing");
            }

            if (!tensor.Dimensions.SequenceEqual(parameter.Dimensions))
            {
                throw new InvalidDataException($"tensor '{parameter.Name}' has shape {tensor.DimensionsText}, expected {expected}");
            }

            if (tensor.Values.Length != parameter.Count)
            {
                throw new InvalidDataException($"tensor '{parameter.Name}' has {tensor.Values.Length} values, expected {parameter.Count} for shape {expected}");
            }
        }

        string? unknown = tensors.Keys.Except(architecture.Parameters.Select(parameter => parameter.Name)).FirstOrDefault();
        if (unknown is not null)
        {
            throw new InvalidDataException($"tensor '{unknown}' is not part of the architecture");
        }
    }

    /// <summary>The layers.</summary>
    public NetworkArchitecture Architecture { get; }

    /// <summary>Texts that are stored with the weights.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Values of the tensor <paramref name="name"/> in row-major order, see <see cref="Parameter.Dimensions"/>.</summary>
    public ReadOnlySpan<float> this[string name] => _tensors[name].Values;

    /// <exception cref="InvalidDataException">The metadata does not hold an architecture, or the tensors are not those of the architecture.</exception>
    /// <exception cref="InvalidArchitectureException">The layers do not form a network.</exception>
    internal static NetworkWeights Parse(IReadOnlyDictionary<string, WeightTensor> tensors, IReadOnlyDictionary<string, string> metadata) =>
        metadata.TryGetValue(ArchitectureKey, out string? json)
            ? new NetworkWeights(NetworkArchitecture.Parse(json), tensors, metadata)
            : throw new InvalidDataException($"the metadata has no '{ArchitectureKey}'");

    /// <summary>
    /// Random weights: normal with variance 2 / fan-in (He et al. 2015, arXiv 1502.01852), zero biases. The same seed gives the same weights.
    /// </summary>
    public static NetworkWeights Random(NetworkArchitecture architecture, int seed)
    {
        var random = new Random(seed);
        var tensors = new Dictionary<string, WeightTensor>(StringComparer.Ordinal);
        foreach (var parameter in architecture.Parameters)
        {
            float[] values = new float[parameter.Count];
            if (parameter.Dimensions.Count > 1)
            {
                double deviation = Math.Sqrt(2.0 / (parameter.Count / parameter.Dimensions[0]));
                for (int i = 0; i < values.Length; i++)
                {
                    // Box-Muller: one normal number from two uniform ones.
                    double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
                    values[i] = (float)(deviation * radius * Math.Cos(2 * Math.PI * random.NextDouble()));
                }
            }

            tensors.Add(parameter.Name, new WeightTensor(parameter.Dimensions, values));
        }

        return new NetworkWeights(architecture, tensors);
    }

    /// <summary>Writes the weights atomically; an existing file is replaced only by a complete one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="ood">The OOD detector to store with them; null for none.</param>
    /// <returns>SHA-256 of the file, lower-case hex.</returns>
    /// <exception cref="WeightsException">The architectures do not fit the file's header.</exception>
    public string Save(string path, OodWeights? ood = null) =>
        SafeTensorsFile.Write(path, FileTensors().Concat(ood?.FileTensors() ?? []), FileMetadata().Concat(ood?.FileMetadata() ?? []));

    /// <summary>The tensors in the order of a file.</summary>
    internal IEnumerable<KeyValuePair<string, WeightTensor>> FileTensors() =>
        Architecture.Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, _tensors[parameter.Name]));

    /// <summary>The metadata of a file, the architecture first.</summary>
    internal IEnumerable<KeyValuePair<string, string>> FileMetadata() =>
        Metadata.Where(entry => entry.Key != ArchitectureKey).Prepend(KeyValuePair.Create(ArchitectureKey, Architecture.ToJson()));
}
