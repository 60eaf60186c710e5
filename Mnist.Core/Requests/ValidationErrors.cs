using Mnist.Core.Imaging;

namespace Mnist.Core.Requests;

/// <summary>All validation errors of one request, keyed by the path of the field. Holds nothing of the request's content.</summary>
public sealed class ValidationErrors
{
    /// <summary>The most errors that are kept: a hostile body can have one every few bytes.</summary>
    public const int MaxCount = 256;

    /// <summary>The path of the body as a whole.</summary>
    public const string Body = "$";

    private readonly SortedDictionary<string, string[]> _messages = new(Comparer<string>.Create(ByLength));

    private int _count;
    private ImageErrorKind? _imageErrorKind;

    public bool Any => _count > 0;

    /// <summary>Whether an error is in the request itself (400), and not only in the content of an image (422).</summary>
    public bool BreaksContract { get; private set; }

    /// <summary>The kind that all errors of images share, or <see cref="ImageErrorKind.Invalid"/>.</summary>
    public ImageErrorKind ImageErrorKind => _imageErrorKind ?? ImageErrorKind.Invalid;

    public IReadOnlyDictionary<string, string[]> Messages => _messages;

    /// <summary>All errors in one sentence.</summary>
    public string Summary
    {
        get
        {
            var (path, messages) = _messages.First();
            return _count == 1
                ? $"{(path == Body ? "The body" : path)} {messages[0]} Nothing was classified."
                : $"{_count} errors were found, and nothing was classified; 'errors' lists them.";
        }
    }

    public bool Contains(string path) => _messages.ContainsKey(path);

    /// <summary>Adds an error in the request itself.</summary>
    public void AddContractError(string path, string message)
    {
        BreaksContract = true;
        Add(path, message);
    }

    /// <summary>Adds an error in the content of an image.</summary>
    public void AddImageError(int index, ImageError error)
    {
        ArgumentNullException.ThrowIfNull(error);
        _imageErrorKind = _imageErrorKind is null || _imageErrorKind == error.Kind ? error.Kind : ImageErrorKind.Invalid;
        Add(ImageRequest.ImagePath(index), error.Message);
    }

    private void Add(string path, string message)
    {
        if (_count < MaxCount)
        {
            _count++;
            _messages[path] = _messages.TryGetValue(path, out string[]? earlier) ? [.. earlier, message] : [message];
        }
    }

    /// <summary>Sorts <c>requests[2]</c> before <c>requests[10]</c>.</summary>
    private static int ByLength(string x, string y) => x.Length == y.Length ? string.CompareOrdinal(x, y) : x.Length - y.Length;
}
