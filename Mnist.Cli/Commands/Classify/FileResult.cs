using Mnist.Client;

namespace Mnist.Cli.Commands.Classify;

/// <summary>The result for one file: a classification or an error.</summary>
internal sealed record FileResult(DigitFile File, Classification? Classification, string? Error)
{
    /// <summary>Whether the classification equals the label; null without either.</summary>
    public bool? Correct => Classification is null || File.Label is null ? null : Classification.Class == File.Label && Classification.Digit != false;
}
