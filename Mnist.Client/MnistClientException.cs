using System.Globalization;
using System.Net;

namespace Mnist.Client;

/// <summary>
/// The images were not classified: the service rejected them, could not be reached, timed out, or sent an invalid response.
/// <see cref="Exception.Message"/> describes the failure for people.
/// </summary>
public sealed class MnistClientException : Exception
{
    // Keeps the message readable; Errors has all of them.
    private const int MaxErrorsInMessage = 3;

    private readonly Problem _problem;

    internal MnistClientException(string summary, HttpStatusCode? statusCode = null, Problem? problem = null, Exception? innerException = null)
        : base(Describe(summary, problem), innerException)
    {
        Summary = summary;
        StatusCode = statusCode;
        _problem = problem ?? new Problem();
        Errors = _problem.Errors ?? new Dictionary<string, IReadOnlyList<string>>();
    }

    /// <summary>The status of the response; <see langword="null"/> if no complete response arrived or nothing was sent.</summary>
    public HttpStatusCode? StatusCode { get; }

    /// <summary>The URI of the problem type (RFC 9457); <see langword="null"/> if the response has none. It is stable: compare this, not the texts.</summary>
    public string? ProblemType => _problem.Type;

    /// <summary>The title of the problem type; <see langword="null"/> if the response has none.</summary>
    public string? Title => _problem.Title;

    /// <summary>What is wrong with this request and how to correct it; <see langword="null"/> if the response has no detail.</summary>
    public string? Detail => _problem.Detail;

    /// <summary>The trace ID of this request in the service's log; <see langword="null"/> if the response has none.</summary>
    public string? TraceId => _problem.TraceId;

    /// <summary>
    /// The validation errors by the path of the invalid member, such as <c>requests[3].image</c>. The index is the position in the caller's list, also if
    /// the list was sent in several requests. Empty if the response names no member.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Errors { get; }

    /// <summary>Those of <see cref="Errors"/> that belong to an image, by its index in the caller's list.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<string>> ImageErrors => Errors
        .Where(error => ImagePath.IndexIn(error.Key) is not null)
        .GroupBy(error => ImagePath.IndexIn(error.Key)!.Value, error => error.Value)
        .ToDictionary(image => image.Key, IReadOnlyList<string> (image) => [.. image.SelectMany(messages => messages)]);

    /// <summary>Whether the input is invalid, so that other requests for the same list can still succeed.</summary>
    internal bool IsInvalidInput => StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity;

    private string Summary { get; }

    /// <summary>Merges the rejections of several requests: the summary of the first, the errors of all.</summary>
    internal static MnistClientException Merge(IReadOnlyList<MnistClientException> rejections)
    {
        var problem = Problem.Merge([.. rejections.Select(rejection => rejection._problem)]);
        return new MnistClientException(rejections[0].Summary, rejections[0].StatusCode, problem, rejections[0].InnerException);
    }

    private static string Describe(string summary, Problem? problem)
    {
        // With errors, the service's detail only gives their number, or repeats a single one.
        string?[] sentences = problem?.Errors is { Count: > 0 } errors
            ? [summary, problem.Title, .. DescribeErrors(errors)]
            : [summary, problem?.Title, problem?.Detail];
        return string.Join(' ', sentences.Where(sentence => !string.IsNullOrWhiteSpace(sentence)).Select(sentence => sentence!.TrimEnd('.') + '.'));
    }

    private static IEnumerable<string> DescribeErrors(IReadOnlyDictionary<string, IReadOnlyList<string>> errors)
    {
        foreach (var (path, messages) in errors.Take(MaxErrorsInMessage))
        {
            yield return $"{path}: {string.Join(' ', messages)}";
        }

        if (errors.Count > MaxErrorsInMessage)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"And {errors.Count - MaxErrorsInMessage} more");
        }
    }
}
