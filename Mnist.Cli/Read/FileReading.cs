using Mnist.Client;

namespace Mnist.Cli.Read;

/// <summary>What became of one file: a number or the reason why there is none.</summary>
internal sealed record FileReading(string Path, Reading? Reading, string? Error);
