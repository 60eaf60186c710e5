using Mnist.Client;

namespace Mnist.Cli.Classify;

/// <summary>What became of one file: a classification or the reason why there is none.</summary>
internal sealed record FileResult(DigitFile File, Classification? Classification, string? Error)
{
    /// <summary>Whether the network saw the true digit; null where that is not known.</summary>
    public bool? Correct => Classification is null || File.Label is null ? null : Classification.Class == File.Label && Classification.Digit != false;
}
