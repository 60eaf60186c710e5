namespace Mnist.Api.Errors;

/// <summary>The error table of the contract: each row has a type that never changes, whatever its texts say.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Type">What programs compare.</param>
/// <param name="Title">What people read first.</param>
/// <param name="RetryAfter">When it makes sense to try again; null when the same request would fail again.</param>
internal sealed record ProblemKind(int Status, string Type, string Title, TimeSpan? RetryAfter = null)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    /// <summary>Long enough for a stopped server to be replaced.</summary>
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(5);

    public static readonly ProblemKind InvalidRequest = new(StatusCodes.Status400BadRequest, "urn:mnist:problem:invalid-request", "The request does not follow the contract");
    public static readonly ProblemKind InvalidImage = new(StatusCodes.Status422UnprocessableEntity, "urn:mnist:problem:invalid-image", "An image cannot be classified");
    public static readonly ProblemKind BlankImage = new(StatusCodes.Status422UnprocessableEntity, "urn:mnist:problem:blank-image", "There is nothing on an image");
    public static readonly ProblemKind LowContrast = new(StatusCodes.Status422UnprocessableEntity, "urn:mnist:problem:low-contrast", "An image has too little contrast");
    public static readonly ProblemKind SeveralDigits = new(StatusCodes.Status422UnprocessableEntity, "urn:mnist:problem:several-digits", "An image shows several digits");
    public static readonly ProblemKind BodyTooLarge = new(StatusCodes.Status413PayloadTooLarge, "urn:mnist:problem:body-too-large", "The body is too large");
    public static readonly ProblemKind UnsupportedMediaType = new(StatusCodes.Status415UnsupportedMediaType, "urn:mnist:problem:unsupported-media-type", "The body is not JSON in UTF-8");
    public static readonly ProblemKind NotFound = new(StatusCodes.Status404NotFound, "urn:mnist:problem:not-found", "There is nothing at this path");
    public static readonly ProblemKind MethodNotAllowed = new(StatusCodes.Status405MethodNotAllowed, "urn:mnist:problem:method-not-allowed", "The path does not support this method");
    public static readonly ProblemKind TooSlow = new(StatusCodes.Status408RequestTimeout, "urn:mnist:problem:too-slow", "The body arrived too slowly");
    public static readonly ProblemKind Full = new(StatusCodes.Status503ServiceUnavailable, "urn:mnist:problem:full", "The server is full", Soon);
    public static readonly ProblemKind Draining = new(StatusCodes.Status503ServiceUnavailable, "urn:mnist:problem:draining", "The server is stopping", Later);
    public static readonly ProblemKind DeadlinePassed = new(StatusCodes.Status503ServiceUnavailable, "urn:mnist:problem:deadline-passed", "The deadline passed", Soon);
    public static readonly ProblemKind InternalError = new(StatusCodes.Status500InternalServerError, "urn:mnist:problem:internal-error", "The server made an error");

    public static IReadOnlyList<ProblemKind> All { get; } =
    [
        InvalidRequest, InvalidImage, BlankImage, LowContrast, SeveralDigits, BodyTooLarge, UnsupportedMediaType, NotFound, MethodNotAllowed, TooSlow, Full, Draining, DeadlinePassed, InternalError,
    ];
}
