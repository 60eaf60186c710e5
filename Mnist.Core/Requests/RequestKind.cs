using Mnist.Core.Imaging.Lines;
using Mnist.Core.Settings;

namespace Mnist.Core.Requests;

/// <summary>What the images of a request are. Chosen once, it decides limits, cost at admission and the way of decoding.</summary>
public sealed class RequestKind
{
    /// <summary>Bytes of one 28x28 image file. A PNG needs less than 1 KiB; a file full of metadata costs far more time than its pixels.</summary>
    public const int MaxDigitBytes = 16 * 1024;

    /// <summary>Bytes of one photo: 12 megapixels in good quality.</summary>
    public const int MaxPhotoBytes = 10 * 1024 * 1024;

    /// <summary>Bytes of the JSON around the images.</summary>
    private const int JsonBytes = 4 * 1024;

    /// <summary>An image of <see cref="MaxDigitBytes"/> in base64, with its JSON.</summary>
    private const int MaxBytesPerImage = 24 * 1024;

    /// <summary>A typical 28x28 PNG in base64, with its JSON.</summary>
    private const int TypicalBytesPerImage = 512;

    private RequestKind()
    {
    }

    /// <summary>28x28 grey images of one digit each.</summary>
    public static RequestKind Digits { get; } = new()
    {
        MaxFileBytes = MaxDigitBytes,
        ExpectedFile = $"expected an image file of 1 to {MaxDigitBytes} bytes, without metadata. Photos need 'normalize'.",
    };

    /// <summary>Pictures of any size with one digit each, which are normalized.</summary>
    public static RequestKind Photos { get; } = new() { IsPhoto = true, MaxFileBytes = MaxPhotoBytes, ExpectedFile = ExpectedPhoto };

    /// <summary>Pictures of any size with a line of digits each; these are in the batcher one line at a time.</summary>
    public static RequestKind Lines { get; } = new() { IsPhoto = true, MaxFileBytes = MaxPhotoBytes, ExpectedFile = ExpectedPhoto, ExtraImages = DigitLine.MaxDigits };

    /// <summary>Whether images are of any size and have to be normalized.</summary>
    public bool IsPhoto { get; private init; }

    /// <summary>The longest image file in bytes.</summary>
    public int MaxFileBytes { get; private init; }

    /// <summary>The end of the message about a file of another size.</summary>
    public required string ExpectedFile { get; init; }

    /// <summary>Images that a request has in flight beside those it was sent with.</summary>
    public int ExtraImages { get; private init; }

    private static string ExpectedPhoto => $"expected an image file of 1 to {MaxPhotoBytes} bytes. Scale a larger one down or save it as JPEG.";

    /// <summary>The longest request body in bytes: the most images of the largest size; for photos at least one of the largest size.</summary>
    public long MaxBodyBytes(MnistOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        long digits = ((long)options.MaxImagesPerRequest * MaxBytesPerImage) + JsonBytes;
        return IsPhoto ? Math.Max(digits, (((MaxPhotoBytes / 3) + 1) * 4L) + JsonBytes) : digits;
    }

    /// <summary>
    /// How many images of this kind may be in flight. Photos leave half of the capacity to digits: a few that are uploaded slowly must not make the
    /// server full.
    /// </summary>
    public int Capacity(MnistOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return IsPhoto ? (options.MaxImagesInFlight + 1) / 2 : options.MaxImagesInFlight;
    }

    /// <summary>
    /// Images that a request counts as while its body is unread: estimated from the body's length, at most a full request. A photo counts as one image
    /// for each <see cref="MaxBytesPerImage"/>; the longest request of photos fits an idle server however small its capacity.
    /// </summary>
    /// <param name="bodyLength">Content-Length; null where the client does not say.</param>
    /// <param name="options">Validated options.</param>
    public int Cost(long? bodyLength, MnistOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        int images = bodyLength is { } length
            ? (int)Math.Clamp((length + TypicalBytesPerImage - 1) / TypicalBytesPerImage, 1, options.MaxImagesPerRequest)
            : options.MaxImagesPerRequest;
        return IsPhoto
            ? (int)Math.Min(Math.Max((bodyLength ?? MaxBodyBytes(options)) / MaxBytesPerImage, images), Capacity(options))
            : images;
    }
}
