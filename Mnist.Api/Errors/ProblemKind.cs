namespace Mnist.Api.Errors;

/// <summary>The error table of the contract. The type of a row never changes; its texts may.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Name">End of the type, and label of the metrics.</param>
/// <param name="Title">The type in words.</param>
/// <param name="RetryAfter">When to try again; null where the same request would fail again.</param>
internal sealed record ProblemKind(int Status, string Name, string Title, TimeSpan? RetryAfter = null)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    /// <summary>Long enough for a stopped server to be replaced.</summary>
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(5);

    public static readonly ProblemKind InvalidRequest = new(StatusCodes.Status400BadRequest, "invalid-request", "The request does not follow the contract");
    public static readonly ProblemKind InvalidImage = new(StatusCodes.Status422UnprocessableEntity, "invalid-image", "An image cannot be classified");
    public static readonly ProblemKind BlankImage = new(StatusCodes.Status422UnprocessableEntity, "blank-image", "There is nothing on an image");
    public static readonly ProblemKind LowContrast = new(StatusCodes.Status422UnprocessableEntity, "low-contrast", "An image has too little contrast");
    public static readonly ProblemKind SeveralDigits = new(StatusCodes.Status422UnprocessableEntity, "several-digits", "An image shows several digits");
    public static readonly ProblemKind TooManyDigits = new(StatusCodes.Status422UnprocessableEntity, "too-many-digits", "An image shows more digits than a line may have");
    public static readonly ProblemKind SeveralLines = new(StatusCodes.Status422UnprocessableEntity, "several-lines", "An image shows several lines of digits");
    public static readonly ProblemKind BodyTooLarge = new(StatusCodes.Status413PayloadTooLarge, "body-too-large", "The body is too large");
    public static readonly ProblemKind UnsupportedMediaType = new(StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", "The body is not JSON in UTF-8");
    public static readonly ProblemKind Unauthorized = new(StatusCodes.Status401Unauthorized, "unauthorized", "The request has no valid key");
    public static readonly ProblemKind RateLimited = new(StatusCodes.Status429TooManyRequests, "rate-limited", "The key's rate is used up", Soon);
    public static readonly ProblemKind NotFound = new(StatusCodes.Status404NotFound, "not-found", "There is nothing at this path");
    public static readonly ProblemKind MethodNotAllowed = new(StatusCodes.Status405MethodNotAllowed, "method-not-allowed", "The path does not support this method");
    public static readonly ProblemKind TooSlow = new(StatusCodes.Status408RequestTimeout, "too-slow", "The body arrived too slowly");
    public static readonly ProblemKind Full = new(StatusCodes.Status503ServiceUnavailable, "full", "The server is full", Soon);
    public static readonly ProblemKind Draining = new(StatusCodes.Status503ServiceUnavailable, "draining", "The server is stopping", Later);
    public static readonly ProblemKind DeadlinePassed = new(StatusCodes.Status503ServiceUnavailable, "deadline-passed", "The deadline passed", Soon);
    public static readonly ProblemKind InternalError = new(StatusCodes.Status500InternalServerError, "internal-error", "The server made an error");
    public static readonly ProblemKind Stuck = new(StatusCodes.Status503ServiceUnavailable, "stuck", "An engine worker hangs", Later);
    public static readonly ProblemKind ReloadFailed = new(StatusCodes.Status409Conflict, "reload-failed", "The weights file cannot be used");
    public static readonly ProblemKind CrossOrigin = new(StatusCodes.Status403Forbidden, "cross-origin", "A web page sent the request");

    /// <summary>The problems that a client of the service can receive.</summary>
    public static IReadOnlyList<ProblemKind> All { get; } =
    [
        InvalidRequest, InvalidImage, BlankImage, LowContrast, SeveralDigits, TooManyDigits, SeveralLines, BodyTooLarge, UnsupportedMediaType, NotFound,
        MethodNotAllowed, TooSlow, Unauthorized, RateLimited, Full, Draining, DeadlinePassed, Stuck, InternalError,
    ];

    /// <summary>The URN that identifies the type.</summary>
    public string Type { get; } = "urn:mnist:problem:" + Name;
}
