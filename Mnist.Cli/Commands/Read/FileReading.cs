using Mnist.Client;

namespace Mnist.Cli.Commands.Read;

/// <summary>The result for one file: a reading or an error.</summary>
internal sealed record FileReading(string Path, Reading? Reading, string? Error);
