using System.Net;
using System.Runtime.CompilerServices;
using Mnist.Client;

namespace Mnist.Cli.Classify;

/// <summary>Classifies any number of files, a few in memory at a time. What is wrong with one file does not keep the others from their answer.</summary>
internal static class FileClassifier
{
    // Four requests' worth: enough for the client to keep the server busy.
    private const int FilesInMemory = 256;
    private const int PhotosInMemory = 32;

    /// <summary>One result for each file, in the same order.</summary>
    /// <exception cref="MnistClientException">The server could not be reached or does not work: the files that have no result yet get none.</exception>
    public static async IAsyncEnumerable<FileResult> ClassifyAsync(
        MnistClient client, IReadOnlyList<DigitFile> files, ClassifyOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var piece in files.Chunk(options.Normalize ? PhotosInMemory : FilesInMemory))
        {
            foreach (var result in await ClassifyPieceAsync(client, piece, options, cancellationToken))
            {
                yield return result;
            }
        }
    }

    private static async Task<FileResult[]> ClassifyPieceAsync(
        MnistClient client, DigitFile[] files, ClassifyOptions options, CancellationToken cancellationToken)
    {
        var results = new FileResult[files.Length];
        List<(int Index, byte[] Image)> pending = [];
        for (int i = 0; i < files.Length; i++)
        {
            try
            {
                pending.Add((i, await ReadAsync(files[i].Path, options.Normalize, cancellationToken)));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                results[i] = new FileResult(files[i], null, exception.Message);
            }
        }

        while (pending.Count > 0)
        {
            try
            {
                var answers = await client.ClassifyAsync([.. pending.Select(file => file.Image)], options, cancellationToken);
                foreach (var ((index, _), answer) in pending.Zip(answers))
                {
                    results[index] = new FileResult(files[index], answer, null);
                }

                break;
            }
            catch (MnistClientException refusal) when (IsRefusal(refusal))
            {
                // Without those that the server names, the others get their answer; when it names none, it means all of them.
                var named = refusal.ImageErrors;
                bool all = !named.Keys.Any(position => position < pending.Count);
                foreach (var (position, (index, _)) in pending.Index())
                {
                    if (all || named.ContainsKey(position))
                    {
                        results[index] = new FileResult(files[index], null, all ? refusal.Message : string.Join(' ', named[position]));
                    }
                }

                pending = [.. pending.Where(file => results[file.Index] is null)];
            }
        }

        return results;
    }

    /// <summary>Whether the service works, and refused what it was sent.</summary>
    public static bool IsRefusal(MnistClientException failure)
        => failure.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity or HttpStatusCode.RequestEntityTooLarge;

    private static async Task<byte[]> ReadAsync(string path, bool normalize, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
        {
            throw new InvalidDataException("is a folder; name it with --folder.");
        }

        int maxBytes = normalize ? MnistClient.MaxPhotoBytes : MnistClient.MaxImageBytes;
        await using var file = File.OpenRead(path);
        byte[] content = new byte[maxBytes + 1];
        int length = await file.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellationToken);
        return length <= maxBytes
            ? content[..length]
            : throw new InvalidDataException(
                $"is larger than the {maxBytes} bytes that the server accepts; " + (normalize ? "scale it down." : "save it without metadata, or use --normalize, which takes photos."));
    }
}
