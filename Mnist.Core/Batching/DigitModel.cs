namespace Mnist.Core.Batching;

/// <summary>One version of the network, with a forward pass and so a workspace for each engine worker.</summary>
public sealed class DigitModel
{
    /// <summary>Hexadecimal digits of the SHA-256 that name a version.</summary>
    private const int VersionLength = 12;

    private readonly BatchForward[] _forwards;
    private readonly BatchJudge[] _judges;

    /// <param name="version">The name of the version.</param>
    /// <param name="options">Validated options.</param>
    /// <param name="createForward">Called once for each worker, with the largest batch size.</param>
    /// <param name="createJudge">Likewise; null, or null of it, for a version that cannot tell digits from other images.</param>
    public DigitModel(string version, MnistOptions options, Func<int, BatchForward> createForward, Func<int, BatchJudge?>? createJudge = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        Version = version;
        _forwards = [.. Enumerable.Range(0, options.Workers).Select(_ => createForward(options.MaxBatchSize))];
        _judges = [.. _forwards.Select(_ => createJudge?.Invoke(options.MaxBatchSize)).OfType<BatchJudge>()];
    }

    /// <summary>The beginning of the SHA-256 of the weights file.</summary>
    public string Version { get; }

    /// <summary>Whether it can tell digits from other images.</summary>
    public bool CanReject => _judges.Length > 0;

    /// <summary>Loads, checks and tries the weights file that the options name; every worker's forward pass reads the digits of the self-test.</summary>
    /// <exception cref="InvalidDataException">The file cannot be used, or its network misreads the digits; one line with path and reason.</exception>
    public static DigitModel Load(MnistOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var network = DigitNetwork.Load(options.WeightsPath);
        var model = new DigitModel(network.Sha256[..VersionLength], options, network.CreateForward, network.CreateJudge);
        int errors = model._forwards.Max(forward => SelfTest.CountErrors(forward, options.MaxBatchSize));
        return errors <= options.MaxSelfTestErrors
            ? model
            : throw new InvalidDataException(
                $"{options.WeightsPath}: the network misreads {errors} of the {SelfTest.DigitCount} digits of the self-test, expected at most {options.MaxSelfTestErrors}");
    }

    internal BatchForward ForwardOf(int worker) => _forwards[worker];

    internal BatchJudge JudgeOf(int worker) => _judges[worker];
}
