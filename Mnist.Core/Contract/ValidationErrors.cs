using Mnist.Core.Imaging;

namespace Mnist.Core.Contract;

/// <summary>Everything that is wrong with one request, keyed by the path of the field at fault. Holds no content of the request.</summary>
public sealed class ValidationErrors
{
    /// <summary>A hostile body can hold a fault every few bytes; beyond this many the answer would only grow.</summary>
    public const int MaxCount = 256;

    /// <summary>The path of the body as a whole.</summary>
    public const string Body = "$";

    private readonly SortedDictionary<string, string[]> _messages = new(Comparer<string>.Create(ByLength));

    private int _count;
    private ImageErrorKind? _imageFault;

    public bool Any => _count > 0;

    /// <summary>Whether a fault breaks the JSON contract (400), not just the content of an image (422).</summary>
    public bool BreaksContract { get; private set; }

    /// <summary>The kind that all faults of images share, or <see cref="ImageErrorKind.Invalid"/>.</summary>
    public ImageErrorKind ImageError => _imageFault ?? ImageErrorKind.Invalid;

    public IReadOnlyDictionary<string, string[]> Messages => _messages;

    /// <summary>The faults in one sentence, for a person who reads no further.</summary>
    public string Summary
    {
        get
        {
            var (path, messages) = _messages.First();
            return _count == 1
                ? $"{(path == Body ? "The body" : path)} {messages[0]} Nothing was classified."
                : $"{_count} faults were found, and nothing was classified; 'errors' tells each.";
        }
    }

    public bool Contains(string path) => _messages.ContainsKey(path);

    /// <summary>Reports a breach of the JSON contract.</summary>
    public void AddToContract(string path, string message)
    {
        BreaksContract = true;
        Add(path, message);
    }

    /// <summary>Reports an image that cannot be classified.</summary>
    public void AddToImage(int index, string message, ImageErrorKind kind = ImageErrorKind.Invalid)
    {
        _imageFault = _imageFault is null || _imageFault == kind ? kind : ImageErrorKind.Invalid;
        Add(ClassifyRequest.ImagePath(index), message);
    }

    private void Add(string path, string message)
    {
        if (_count < MaxCount)
        {
            _count++;
            _messages[path] = _messages.TryGetValue(path, out string[]? earlier) ? [.. earlier, message] : [message];
        }
    }

    /// <summary>Puts <c>requests[2]</c> before <c>requests[10]</c>.</summary>
    private static int ByLength(string x, string y) => x.Length == y.Length ? string.CompareOrdinal(x, y) : x.Length - y.Length;
}
