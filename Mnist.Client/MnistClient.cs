using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Polly.Timeout;

namespace Mnist.Client;

/// <summary>
/// Sends images of handwritten digits to the Mnist service and returns the digits. Obtain it from
/// <see cref="MnistClientServiceCollectionExtensions.AddMnistClient"/>. Thread-safe.
/// </summary>
/// <remarks>
/// An image is a PNG, JPEG, BMP, GIF or WebP file of 28x28 grey pixels, a bright digit on dark ground; with <see cref="ClassifyOptions.Normalize"/>,
/// a picture of any kind. Every method throws
/// <see cref="MnistClientException"/> when it has no classification for every image, and <see cref="OperationCanceledException"/> only when its
/// caller cancels.
/// </remarks>
public sealed class MnistClient
{
    /// <summary>The size, in bytes, up to which the service accepts an image file: 16 KiB. A larger one is refused before it is sent.</summary>
    public const int MaxImageBytes = 16 * 1024;

    /// <summary>The same for an image that is to be normalized: 10 MiB.</summary>
    public const int MaxPhotoBytes = 10 * 1024 * 1024;

    // One request is computed while the next one is written; more would only take the service's queue from others.
    private const int MaxConcurrentRequests = 2;

    // A photo takes the service about a fifth of a second: more in one request would be no faster, and close to its deadline.
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
    /// <param name="cancellationToken">Stops the request.</param>
    /// <returns>The digit and its probability.</returns>
    /// <exception cref="MnistClientException">The image was not classified.</exception>
    public Task<Classification> ClassifyAsync(byte[] image, CancellationToken cancellationToken = default) =>
        ClassifyAsync(image, new ClassifyOptions(), cancellationToken);

    /// <summary>Classifies one image.</summary>
    /// <param name="image">The bytes of an image file.</param>
    /// <param name="options">What to ask for.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    /// <returns>The digit, its probability and what else was asked for.</returns>
    /// <exception cref="MnistClientException">The image was not classified.</exception>
    public async Task<Classification> ClassifyAsync(byte[] image, ClassifyOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        return (await ClassifyAsync([image], options, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>Classifies one image.</summary>
    /// <param name="image">An image file, read from the stream's position to its end. The stream stays open.</param>
    /// <param name="cancellationToken">Stops reading and the request.</param>
    /// <returns>The digit and its probability.</returns>
    /// <exception cref="MnistClientException">The image was not classified.</exception>
    /// <exception cref="IOException">The stream could not be read.</exception>
    public Task<Classification> ClassifyAsync(Stream image, CancellationToken cancellationToken = default) =>
        ClassifyAsync(image, new ClassifyOptions(), cancellationToken);

    /// <summary>Classifies one image.</summary>
    /// <param name="image">An image file, read from the stream's position to its end. The stream stays open.</param>
    /// <param name="options">What to ask for.</param>
    /// <param name="cancellationToken">Stops reading and the request.</param>
    /// <returns>The digit, its probability and what else was asked for.</returns>
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
    /// <param name="cancellationToken">Stops reading and the request.</param>
    /// <returns>The digit and its probability.</returns>
    /// <exception cref="MnistClientException">The image was not classified.</exception>
    /// <exception cref="IOException">The file is missing or could not be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public Task<Classification> ClassifyAsync(FileInfo image, CancellationToken cancellationToken = default) =>
        ClassifyAsync(image, new ClassifyOptions(), cancellationToken);

    /// <summary>Classifies one image.</summary>
    /// <param name="image">An image file.</param>
    /// <param name="options">What to ask for.</param>
    /// <param name="cancellationToken">Stops reading and the request.</param>
    /// <returns>The digit, its probability and what else was asked for.</returns>
    /// <exception cref="MnistClientException">The image was not classified.</exception>
    /// <exception cref="IOException">The file is missing or could not be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
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
    /// Classifies any number of images. More than <see cref="MnistClientOptions.MaxImagesPerRequest"/> are sent in several requests, a few at a time.
    /// </summary>
    /// <param name="images">The bytes of image files.</param>
    /// <param name="probabilities">Whether to ask for the probabilities of all ten digits.</param>
    /// <param name="cancellationToken">Stops all requests.</param>
    /// <returns>One classification for each image, in the same order.</returns>
    /// <exception cref="MnistClientException">
    /// An image was not classified. <see cref="MnistClientException.Errors"/> names every image of the list that the service refused.
    /// </exception>
    /// <exception cref="ArgumentException">An image of the list is <see langword="null"/>.</exception>
    public Task<IReadOnlyList<Classification>> ClassifyAsync(
        IReadOnlyList<byte[]> images, bool probabilities = false, CancellationToken cancellationToken = default) =>
        ClassifyAsync(images, new ClassifyOptions { Probabilities = probabilities }, cancellationToken);

    /// <summary>
    /// Classifies any number of images. More than <see cref="MnistClientOptions.MaxImagesPerRequest"/> are sent in several requests, a few at a time,
    /// and so are photos of more than <see cref="MaxPhotoBytes"/> together.
    /// </summary>
    /// <param name="images">The bytes of image files.</param>
    /// <param name="options">What to ask for.</param>
    /// <param name="cancellationToken">Stops all requests.</param>
    /// <returns>One classification for each image, in the same order.</returns>
    /// <exception cref="MnistClientException">
    /// An image was not classified. <see cref="MnistClientException.Errors"/> names every image of the list that the service refused.
    /// </exception>
    /// <exception cref="ArgumentException">An image of the list is <see langword="null"/>.</exception>
    public Task<IReadOnlyList<Classification>> ClassifyAsync(
        IReadOnlyList<byte[]> images, ClassifyOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return AskAsync(Call.Classify(options), images, cancellationToken);
    }

    /// <summary>Reads a line of several digits, such as a postcode.</summary>
    /// <param name="image">The bytes of an image file: a picture of any kind.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    /// <returns>The number and its digits.</returns>
    /// <exception cref="MnistClientException">The image was not read.</exception>
    public async Task<Reading> ReadAsync(byte[] image, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        return (await ReadAsync([image], cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>Reads a line of several digits, such as a postcode.</summary>
    /// <param name="image">An image file: a picture of any kind.</param>
    /// <param name="cancellationToken">Stops reading and the request.</param>
    /// <returns>The number and its digits.</returns>
    /// <exception cref="MnistClientException">The image was not read.</exception>
    /// <exception cref="IOException">The file is missing or could not be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public async Task<Reading> ReadAsync(FileInfo image, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        var stream = image.OpenRead();
        await using (stream.ConfigureAwait(false))
        {
            return await ReadAsync(await ReadFileAsync(stream, MaxPhotoBytes, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the lines on any number of images, in several requests where they do not fit into one.</summary>
    /// <param name="images">The bytes of image files: pictures of any kind, each of one line of digits.</param>
    /// <param name="cancellationToken">Stops all requests.</param>
    /// <returns>One number for each image, in the same order.</returns>
    /// <exception cref="MnistClientException">
    /// An image was not read. <see cref="MnistClientException.Errors"/> names every image of the list that the service refused.
    /// </exception>
    /// <exception cref="ArgumentException">An image of the list is <see langword="null"/>.</exception>
    public Task<IReadOnlyList<Reading>> ReadAsync(IReadOnlyList<byte[]> images, CancellationToken cancellationToken = default) =>
        AskAsync(Call.Read, images, cancellationToken);

    private async Task<IReadOnlyList<T>> AskAsync<T>(Call<T> call, IReadOnlyList<byte[]> images, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(images);
        CheckSizes(images, call);

        var pieces = Split(images, call.TakesPhotos);
        var answers = new IReadOnlyList<T>[pieces.Count];
        var refusals = new MnistClientException?[pieces.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrentRequests, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, pieces.Count, parallel, async (piece, token) =>
        {
            try
            {
                answers[piece] = await SendAsync(pieces[piece].Images, pieces[piece].Start, call, token).ConfigureAwait(false);
            }
            catch (MnistClientException refusal) when (refusal.BlamesImages)
            {
                refusals[piece] = refusal;
            }
        }).ConfigureAwait(false);

        MnistClientException[] refused = [.. refusals.OfType<MnistClientException>()];
        return refused.Length > 0 ? throw MnistClientException.Merge(refused) : [.. answers.SelectMany(answer => answer)];
    }

    /// <summary>Reads at most one byte more than a file may have: enough to see that it is too large.</summary>
    private static async Task<byte[]> ReadFileAsync(Stream file, int maxBytes, CancellationToken cancellationToken)
    {
        byte[] content = new byte[maxBytes + 1];
        int length = await file.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return content[..length];
    }

    /// <summary>Cuts a list into what one request may hold.</summary>
    private List<(int Start, List<byte[]> Images)> Split(IReadOnlyList<byte[]> images, bool photos)
    {
        int mostImages = photos ? Math.Min(MaxPhotosPerRequest, _options.MaxImagesPerRequest) : _options.MaxImagesPerRequest;
        List<(int Start, List<byte[]> Images)> pieces = [];
        long bytes = 0;
        foreach (var (index, image) in images.Index())
        {
            bytes += image.Length;
            if (pieces.Count == 0 || pieces[^1].Images.Count == mostImages || (photos && bytes > MaxPhotoBytes))
            {
                pieces.Add((index, []));
                bytes = image.Length;
            }

            pieces[^1].Images.Add(image);
        }

        return pieces;
    }

    private async Task<IReadOnlyList<T>> SendAsync<T>(List<byte[]> images, int start, Call<T> call, CancellationToken cancellationToken)
        where T : class
    {
        var body = new ClassifyRequest(images.Select(image => new RequestImage(image)));
        // Serialised in advance: a body of known length can be refused before it is read, and be sent again.
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, WireJson.Default.ClassifyRequest));
        content.Headers.ContentType = Json;
        using var request = new HttpRequestMessage(HttpMethod.Post, call.Path);
        request.Content = content;
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            return await Answer.ReadAsync(response, images.Count, start, call, cancellationToken).ConfigureAwait(false);
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
                HttpRequestError.ConfigurationLimitExceeded => $"{_http.BaseAddress} answered with more than the client accepts: {exception.Message}",
                HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
                    => $"{_http.BaseAddress} could not be reached: {exception.GetBaseException().Message}",
                _ => $"{_http.BaseAddress} did not answer in full: {exception.GetBaseException().Message}",
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
                throw new ArgumentException($"Image {index} of the list is null.", nameof(images));
            }

            if (image.Length > call.MaxImageBytes)
            {
                errors[ImagePath.Of(index)] = [call.TakesPhotos
                    ? $"has more than {MaxPhotoBytes} bytes. Scale it down or save it as JPEG."
                    : $"has more than {MaxImageBytes} bytes; a 28x28 image needs about a tenth of that. Save it without metadata; photos need 'normalize'."];
            }
        }

        if (errors.Count > 0)
        {
            throw new MnistClientException("An image file is too large and was not sent.", problem: new Problem(Errors: errors));
        }
    }
}
