using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Polly.Timeout;

namespace Mnist.Client;

/// <summary>
/// Typed client of the Mnist service, which classifies images of handwritten digits. Register it with
/// <see cref="MnistClientServiceCollectionExtensions.AddMnistClient"/>. Thread-safe.
/// </summary>
/// <remarks>
/// An image is a PNG, JPEG, BMP, GIF or WebP file of 28x28 grey pixels with a bright digit on a dark background. With
/// <see cref="ClassifyOptions.Normalize"/>, and for <see cref="ReadAsync(byte[], CancellationToken)"/>, it is a photo of any size up to 12 megapixels.
/// Methods return a result for every image or throw <see cref="MnistClientException"/>. They throw <see cref="OperationCanceledException"/> only
/// if the caller cancels.
/// </remarks>
public sealed class MnistClient
{
    /// <summary>The largest image file that the service accepts, in bytes: 16 KiB. Larger files are rejected before they are sent.</summary>
    public const int MaxImageBytes = 16 * 1024;

    /// <summary>The largest photo that the service accepts, in bytes: 10 MiB.</summary>
    public const int MaxPhotoBytes = 10 * 1024 * 1024;

    // While the service computes one request, the next is sent. More would only fill the service's queue.
    private const int MaxConcurrentRequests = 2;

    // A photo takes the service up to 0.2 s. More photos per request would not be faster, and would come close to its deadline of 2 s.
    private const int MaxPhotosPerRequest = 8;

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly HttpClient _http;
    private readonly MnistClientOptions _options;

    internal MnistClient(HttpClient http, MnistClientOptions options)
    {
        _http = http;
        _options = options;
    }

    /// <summary>Classifies one image.</summary>
    /// <param name="image">The bytes of an image file.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The digit and its probability.</returns>
    /// <exception cref="MnistClientException">The image was not classified.</exception>
    public Task<Classification> ClassifyAsync(byte[] image, CancellationToken cancellationToken = default) =>
        ClassifyAsync(image, new ClassifyOptions(), cancellationToken);

    /// <summary>Classifies one image.</summary>
    /// <param name="image">The bytes of an image file.</param>
    /// <param name="options">The kind of image and what to return.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The digit, its probability and what <paramref name="options"/> requests.</returns>
    /// <exception cref="MnistClientException">The image was not classified.</exception>
    public async Task<Classification> ClassifyAsync(byte[] image, ClassifyOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        return (await ClassifyAsync([image], options, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>Classifies one image.</summary>
    /// <param name="image">An image file, read from the stream's current position to its end. The stream stays open.</param>
    /// <param name="cancellationToken">Cancels reading and the request.</param>
    /// <returns>The digit and its probability.</returns>
    /// <exception cref="MnistClientException">The image was not classified.</exception>
    /// <exception cref="IOException">The stream could not be read.</exception>
    public Task<Classification> ClassifyAsync(Stream image, CancellationToken cancellationToken = default) =>
        ClassifyAsync(image, new ClassifyOptions(), cancellationToken);

    /// <summary>Classifies one image.</summary>
    /// <param name="image">An image file, read from the stream's current position to its end. The stream stays open.</param>
    /// <param name="options">The kind of image and what to return.</param>
    /// <param name="cancellationToken">Cancels reading and the request.</param>
    /// <returns>The digit, its probability and what <paramref name="options"/> requests.</returns>
    /// <exception cref="MnistClientException">The image was not classified.</exception>
    /// <exception cref="IOException">The stream could not be read.</exception>
    public async Task<Classification> ClassifyAsync(Stream image, ClassifyOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(options);
        byte[] content = await ReadFileAsync(image, options.Normalize ? MaxPhotoBytes : MaxImageBytes, cancellationToken).ConfigureAwait(false);
        return await ClassifyAsync(content, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Classifies one image.</summary>
    /// <param name="image">An image file.</param>
    /// <param name="cancellationToken">Cancels reading and the request.</param>
    /// <returns>The digit and its probability.</returns>
    /// <exception cref="MnistClientException">The image was not classified.</exception>
    /// <exception cref="IOException">The file is missing or could not be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to read the file.</exception>
    public Task<Classification> ClassifyAsync(FileInfo image, CancellationToken cancellationToken = default) =>
        ClassifyAsync(image, new ClassifyOptions(), cancellationToken);

    /// <summary>Classifies one image.</summary>
    /// <param name="image">An image file.</param>
    /// <param name="options">The kind of image and what to return.</param>
    /// <param name="cancellationToken">Cancels reading and the request.</param>
    /// <returns>The digit, its probability and what <paramref name="options"/> requests.</returns>
    /// <exception cref="MnistClientException">The image was not classified.</exception>
    /// <exception cref="IOException">The file is missing or could not be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to read the file.</exception>
    public async Task<Classification> ClassifyAsync(FileInfo image, ClassifyOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        var stream = image.OpenRead();
        await using (stream.ConfigureAwait(false))
        {
            return await ClassifyAsync(stream, options, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Classifies any number of images, in requests of at most <see cref="MnistClientOptions.MaxImagesPerRequest"/> images, two at a time.
    /// </summary>
    /// <param name="images">The bytes of image files.</param>
    /// <param name="probabilities">Whether to return the probabilities of all ten digits.</param>
    /// <param name="cancellationToken">Cancels all requests.</param>
    /// <returns>One classification for each image, in the same order.</returns>
    /// <exception cref="MnistClientException">
    /// An image was not classified. <see cref="MnistClientException.Errors"/> names every image that the service rejected.
    /// </exception>
    /// <exception cref="ArgumentException">An image in the list is <see langword="null"/>.</exception>
    public Task<IReadOnlyList<Classification>> ClassifyAsync(
        IReadOnlyList<byte[]> images, bool probabilities = false, CancellationToken cancellationToken = default) =>
        ClassifyAsync(images, new ClassifyOptions { Probabilities = probabilities }, cancellationToken);

    /// <summary>
    /// Classifies any number of images, in requests of at most <see cref="MnistClientOptions.MaxImagesPerRequest"/> images, two at a time. A request holds
    /// at most eight photos, and at most <see cref="MaxPhotoBytes"/> of them.
    /// </summary>
    /// <param name="images">The bytes of image files.</param>
    /// <param name="options">The kind of image and what to return.</param>
    /// <param name="cancellationToken">Cancels all requests.</param>
    /// <returns>One classification for each image, in the same order.</returns>
    /// <exception cref="MnistClientException">
    /// An image was not classified. <see cref="MnistClientException.Errors"/> names every image that the service rejected.
    /// </exception>
    /// <exception cref="ArgumentException">An image in the list is <see langword="null"/>.</exception>
    public Task<IReadOnlyList<Classification>> ClassifyAsync(
        IReadOnlyList<byte[]> images, ClassifyOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return AskAsync(Call.Classify(options), images, cancellationToken);
    }

    /// <summary>Reads a line of several digits, such as a postcode.</summary>
    /// <param name="image">The bytes of a photo of one line of digits.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The number and its digits.</returns>
    /// <exception cref="MnistClientException">The image was not read.</exception>
    public async Task<Reading> ReadAsync(byte[] image, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        return (await ReadAsync([image], cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>Reads a line of several digits, such as a postcode.</summary>
    /// <param name="image">A photo of one line of digits.</param>
    /// <param name="cancellationToken">Cancels reading and the request.</param>
    /// <returns>The number and its digits.</returns>
    /// <exception cref="MnistClientException">The image was not read.</exception>
    /// <exception cref="IOException">The file is missing or could not be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to read the file.</exception>
    public async Task<Reading> ReadAsync(FileInfo image, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        var stream = image.OpenRead();
        await using (stream.ConfigureAwait(false))
        {
            return await ReadAsync(await ReadFileAsync(stream, MaxPhotoBytes, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Reads any number of photos, in requests of at most eight photos and <see cref="MaxPhotoBytes"/>, two at a time.
    /// </summary>
    /// <param name="images">The bytes of photos, each of one line of digits.</param>
    /// <param name="cancellationToken">Cancels all requests.</param>
    /// <returns>One reading for each image, in the same order.</returns>
    /// <exception cref="MnistClientException">
    /// An image was not read. <see cref="MnistClientException.Errors"/> names every image that the service rejected.
    /// </exception>
    /// <exception cref="ArgumentException">An image in the list is <see langword="null"/>.</exception>
    public Task<IReadOnlyList<Reading>> ReadAsync(IReadOnlyList<byte[]> images, CancellationToken cancellationToken = default) =>
        AskAsync(Call.Read, images, cancellationToken);

    private async Task<IReadOnlyList<T>> AskAsync<T>(Call<T> call, IReadOnlyList<byte[]> images, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(images);
        CheckSizes(images, call);

        var batches = Split(images, call.TakesPhotos);
        var responses = new IReadOnlyList<T>[batches.Count];
        var rejections = new MnistClientException?[batches.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrentRequests, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, batches.Count, parallel, async (batch, token) =>
        {
            try
            {
                responses[batch] = await SendAsync(batches[batch].Images, batches[batch].Start, call, token).ConfigureAwait(false);
            }
            catch (MnistClientException rejection) when (rejection.IsInvalidInput)
            {
                rejections[batch] = rejection;
            }
        }).ConfigureAwait(false);

        MnistClientException[] rejected = [.. rejections.OfType<MnistClientException>()];
        return rejected.Length > 0 ? throw MnistClientException.Merge(rejected) : [.. responses.SelectMany(response => response)];
    }

    /// <summary>Reads at most one byte more than the limit: enough to detect a file that is too large.</summary>
    private static async Task<byte[]> ReadFileAsync(Stream file, int maxBytes, CancellationToken cancellationToken)
    {
        byte[] content = new byte[maxBytes + 1];
        int length = await file.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return content[..length];
    }

    /// <summary>Splits a list into batches of one request each.</summary>
    private List<(int Start, List<byte[]> Images)> Split(IReadOnlyList<byte[]> images, bool photos)
    {
        int maxImages = photos ? Math.Min(MaxPhotosPerRequest, _options.MaxImagesPerRequest) : _options.MaxImagesPerRequest;
        List<(int Start, List<byte[]> Images)> batches = [];
        long bytes = 0;
        foreach (var (index, image) in images.Index())
        {
            bytes += image.Length;
            if (batches.Count == 0 || batches[^1].Images.Count == maxImages || (photos && bytes > MaxPhotoBytes))
            {
                batches.Add((index, []));
                bytes = image.Length;
            }

            batches[^1].Images.Add(image);
        }

        return batches;
    }

    private async Task<IReadOnlyList<T>> SendAsync<T>(List<byte[]> images, int start, Call<T> call, CancellationToken cancellationToken)
        where T : class
    {
        var body = new ClassifyRequest(images.Select(image => new RequestImage(image)));
        // Serialised in advance: a body of known length can be rejected before it is read, and can be sent again.
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, WireJson.Default.ClassifyRequest));
        content.Headers.ContentType = Json;
        using var request = new HttpRequestMessage(HttpMethod.Post, call.Path);
        request.Content = content;
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            return await ResponseReader.ReadAsync(response, images.Count, start, call, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutRejectedException exception)
        {
            throw new MnistClientException(string.Create(
                CultureInfo.InvariantCulture, $"{_http.BaseAddress} did not answer within {exception.Timeout.TotalSeconds} s."), innerException: exception);
        }
        catch (HttpRequestException exception)
        {
            throw new MnistClientException(exception.HttpRequestError switch
            {
                HttpRequestError.ConfigurationLimitExceeded => $"{_http.BaseAddress} sent a response larger than the client accepts: {exception.Message}",
                HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
                    => $"{_http.BaseAddress} could not be reached: {exception.GetBaseException().Message}",
                _ => $"{_http.BaseAddress} did not send a complete response: {exception.GetBaseException().Message}",
            }, innerException: exception);
        }
    }

    private static void CheckSizes<T>(IReadOnlyList<byte[]> images, Call<T> call)
        where T : class
    {
        var errors = new Dictionary<string, IReadOnlyList<string>>();
        for (int index = 0; index < images.Count; index++)
        {
            if (images[index] is not { } image)
            {
                throw new ArgumentException($"Image {index} is null.", nameof(images));
            }

            if (image.Length > call.MaxImageBytes)
            {
                errors[ImagePath.Of(index)] = [call.TakesPhotos
                    ? $"is larger than {MaxPhotoBytes} bytes. Scale it down or save it as JPEG."
                    : $"is larger than {MaxImageBytes} bytes. Save it without metadata; for a photo, set 'normalize'."];
            }
        }

        if (errors.Count > 0)
        {
            throw new MnistClientException("An image file is too large and was not sent.", problem: new Problem(Errors: errors));
        }
    }
}
