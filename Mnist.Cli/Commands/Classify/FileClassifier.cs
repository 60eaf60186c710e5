using System.Net;
using System.Runtime.CompilerServices;
using Mnist.Client;

namespace Mnist.Cli.Commands.Classify;

/// <summary>Classifies any number of files, with a limited number in memory. A file that is rejected does not affect the others.</summary>
internal static class FileClassifier
{
    // Four requests, with which the client keeps the server busy.
    private const int FilesInMemory = 256;
    private const int PhotosInMemory = 32;

    /// <summary>Returns one result per file, in the same order.</summary>
    /// <exception cref="MnistClientException">The service cannot be reached or does not work; the remaining files have no result.</exception>
    public static async IAsyncEnumerable<FileResult> ClassifyAsync(
        MnistClient client, IReadOnlyList<DigitFile> files, ClassifyOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var chunk in files.Chunk(options.Normalize ? PhotosInMemory : FilesInMemory))
        {
            foreach (var result in await ClassifyChunkAsync(client, chunk, options, cancellationToken))
            {
                yield return result;
            }
        }
    }

    private static async Task<FileResult[]> ClassifyChunkAsync(
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
            catch (MnistClientException rejection) when (IsRejection(rejection))
            {
                // The named images are rejected, and the others are sent again. If no image is named, all of them are rejected.
                var named = rejection.ImageErrors;
                bool all = !named.Keys.Any(position => position < pending.Count);
                foreach (var (position, (index, _)) in pending.Index())
                {
                    if (all || named.ContainsKey(position))
                    {
                        results[index] = new FileResult(files[index], null, all ? rejection.Message : string.Join(' ', named[position]));
                    }
                }

                pending = [.. pending.Where(file => results[file.Index] is null)];
            }
        }

        return results;
    }

    /// <summary>Whether the service works but rejected the input.</summary>
    public static bool IsRejection(MnistClientException failure)
        => failure.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity or HttpStatusCode.RequestEntityTooLarge;

    private static async Task<byte[]> ReadAsync(string path, bool normalize, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
        {
            throw new InvalidDataException("is a folder, expected a file. Use --folder for a folder.");
        }

        int maxBytes = normalize ? MnistClient.MaxPhotoBytes : MnistClient.MaxImageBytes;
        await using var file = File.OpenRead(path);
        byte[] content = new byte[maxBytes + 1];
        int length = await file.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellationToken);
        return length <= maxBytes
            ? content[..length]
            : throw new InvalidDataException(
                $"is larger than {maxBytes} bytes. " + (normalize ? "Scale it down." : "Save it without metadata, or use --normalize for a photo."));
    }
}
