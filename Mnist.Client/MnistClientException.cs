using System.Globalization;
using System.Net;

namespace Mnist.Client;

/// <summary>
/// The images were not classified: the service refused them, could not be reached, took too long, or answered with something that is no answer.
/// <see cref="Exception.Message"/> says which, in words for a person.
/// </summary>
public sealed class MnistClientException : Exception
{
    // Enough to see what is wrong; Errors has them all.
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

    /// <summary>The status that the service answered with; <see langword="null"/> when no complete answer came, or when nothing was sent.</summary>
    public HttpStatusCode? StatusCode { get; }

    /// <summary>The URI that identifies the kind of problem, if the service gave one. It is stable: compare this, not the texts.</summary>
    public string? ProblemType => _problem.Type;

    /// <summary>The kind of problem in words, if the service gave them.</summary>
    public string? Title => _problem.Title;

    /// <summary>What is wrong with this request and what to do about it, if the service said so.</summary>
    public string? Detail => _problem.Detail;

    /// <summary>What the service's log calls this request, if the service said so.</summary>
    public string? TraceId => _problem.TraceId;

    /// <summary>
    /// All faults by the path of what is at fault, such as <c>requests[3].image</c>. The index is the place in the list that the caller gave,
    /// also where that list was sent in several requests. Empty when nothing in particular is at fault.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Errors { get; }

    /// <summary>The same faults by the index of the image in the caller's list, without those that concern no image.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<string>> ImageErrors => Errors
        .Where(error => ImagePath.IndexIn(error.Key) is not null)
        .GroupBy(error => ImagePath.IndexIn(error.Key)!.Value, error => error.Value)
        .ToDictionary(image => image.Key, IReadOnlyList<string> (image) => [.. image.SelectMany(messages => messages)]);

    /// <summary>Whether the images are to blame, so that the other requests of the same list may fare better.</summary>
    internal bool BlamesImages => StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity;

    private string Summary { get; }

    /// <summary>The refusals of several requests as one: the first one's words with the errors of all.</summary>
    internal static MnistClientException Merge(IReadOnlyList<MnistClientException> refusals)
    {
        var problem = Problem.Merge([.. refusals.Select(refusal => refusal._problem)]);
        return new MnistClientException(refusals[0].Summary, refusals[0].StatusCode, problem, refusals[0].InnerException);
    }

    private static string Describe(string summary, Problem? problem)
    {
        // The service's detail only counts the errors that follow, or repeats the one.
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
