using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Mnist.Core.Contract;

/// <summary>
/// Reads a request body and reports every breach of the contract, each under its path. A serializer would stop at the first,
/// accept what the contract refuses (white space in base64) and put type names into its messages.
/// </summary>
public ref struct ClassifyRequestReader
{
    /// <summary>The contract nests three levels deep; more is never needed to say where a body departs from it.</summary>
    private const int MaxDepth = 8;

    private const int Root = -1;

    // Stands for an image that could not be read; its fault is reported already.
    private static readonly ClassifyRequestItem Unreadable = new([]);

    private readonly int _maxImages;
    private readonly ValidationErrors _faults;
    private Utf8JsonReader _json;

    private ClassifyRequestReader(ReadOnlySpan<byte> body, int maxImages, ValidationErrors faults)
    {
        _maxImages = maxImages;
        _faults = faults;
        _json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
    }

    /// <summary>Reads a whole body.</summary>
    /// <param name="body">UTF-8 JSON, with or without a byte order mark.</param>
    /// <param name="maxImages">Images beyond this many are counted, not decoded.</param>
    /// <param name="faults">Receives what is wrong.</param>
    /// <returns>The request, with an empty image where a fault was reported; null when there is no list of images.</returns>
    public static ClassifyRequest? Read(in ReadOnlySequence<byte> body, int maxImages, ValidationErrors faults)
    {
        if (body.IsSingleSegment)
        {
            return Read(body.FirstSpan, maxImages, faults);
        }

        int length = checked((int)body.Length);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            body.CopyTo(buffer);
            return Read(buffer.AsSpan(0, length), maxImages, faults);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static ClassifyRequest? Read(ReadOnlySpan<byte> body, int maxImages, ValidationErrors faults)
    {
        if (body.StartsWith(Encoding.UTF8.Preamble))
        {
            body = body[Encoding.UTF8.Preamble.Length..];
        }

        if (body.IsEmpty)
        {
            faults.AddToContract(ValidationErrors.Body, "is empty; expected {\"requests\":[{\"image\":\"<base64>\"}]}.");
            return null;
        }

        var reader = new ClassifyRequestReader(body, maxImages, faults);
        try
        {
            return reader.ReadBody();
        }
        catch (JsonException exception)
        {
            faults.AddToContract(ValidationErrors.Body, $"is not valid JSON, or nests more than {MaxDepth} levels deep: " +
                $"reading stopped at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.");
        }
        catch (InvalidOperationException)
        {
            faults.AddToContract(ValidationErrors.Body, $"is not valid JSON: the text before byte {reader._json.BytesConsumed + 1} is not valid UTF-8 or UTF-16.");
        }

        return null;
    }

    private ClassifyRequest? ReadBody()
    {
        _json.Read();
        ClassifyRequest? request = null;
        if (ExpectObject(Root))
        {
            var member = new Member("requests");
            while (ReadMember(ref member, Root))
            {
                request = ReadItems();
            }
        }

        // One more step: text after the document is an error.
        _json.Read();
        return request;
    }

    private ClassifyRequest? ReadItems()
    {
        if (_json.TokenType != JsonTokenType.StartArray)
        {
            _faults.AddToContract("requests", $"is {Found()}; expected a list of objects with an \"image\" each.");
            _json.Skip();
            return null;
        }

        var items = new List<ClassifyRequestItem>();
        int count = 0;
        for (; _json.Read() && _json.TokenType != JsonTokenType.EndArray; count++)
        {
            if (count < _maxImages)
            {
                items.Add(ReadItem(count));
            }
            else
            {
                _json.Skip();
            }
        }

        return new ClassifyRequest(items) { Count = count };
    }

    private ClassifyRequestItem ReadItem(int index)
    {
        var item = Unreadable;
        if (ExpectObject(index))
        {
            var member = new Member("image");
            while (ReadMember(ref member, index))
            {
                item = ReadImage(index);
            }
        }

        return item;
    }

    private ClassifyRequestItem ReadImage(int index)
    {
        if (_json.TokenType != JsonTokenType.String)
        {
            _faults.AddToContract(ClassifyRequest.ImagePath(index), $"is {Found()}; expected base64 text.");
            _json.Skip();
            return Unreadable;
        }

        var text = _json.ValueSpan;
        if (_json.ValueIsEscaped)
        {
            // "\/" is a common way to write "/".
            byte[] unescaped = new byte[text.Length];
            text = unescaped.AsSpan(0, _json.CopyString(unescaped));
        }

        if (Base64Text.TryDecode(text, out byte[]? bytes, out string? fault))
        {
            return new ClassifyRequestItem(bytes);
        }

        _faults.AddToContract(ClassifyRequest.ImagePath(index), fault);
        return Unreadable;
    }

    /// <summary>Moves to the value of the one member an object may have, reporting every other; false at the end of the object.</summary>
    private bool ReadMember(ref Member member, int index)
    {
        while (_json.Read() && _json.TokenType != JsonTokenType.EndObject)
        {
            bool exact = _json.ValueTextEquals(member.Name);
            bool isNew = exact && !member.IsFound;
            if (exact)
            {
                if (member.IsFound)
                {
                    _faults.AddToContract(PathOf(member.Name, index), "appears more than once; expected exactly one.");
                }

                member.IsFound = true;
            }
            else if (IsMisspelt(member.Name))
            {
                _faults.AddToContract(PathOf(member.Name, index), $"is written in another case; expected \"{member.Name}\", all lower case.");
            }
            else
            {
                _faults.AddToContract(PathOf(index), $"has an unknown member before byte {_json.BytesConsumed + 1}; expected only \"{member.Name}\".");
            }

            _json.Read();
            if (isNew)
            {
                return true;
            }

            _json.Skip();
        }

        if (!member.IsFound && !_faults.Contains(PathOf(member.Name, index)))
        {
            _faults.AddToContract(PathOf(member.Name, index), "is missing.");
        }

        return false;
    }

    private readonly bool IsMisspelt(string name) => string.Equals(_json.GetString(), name, StringComparison.OrdinalIgnoreCase);

    private bool ExpectObject(int index)
    {
        if (_json.TokenType == JsonTokenType.StartObject)
        {
            return true;
        }

        string expected = index == Root ? "{\"requests\":[{\"image\":\"<base64>\"}]}" : "{\"image\":\"<base64>\"}";
        _faults.AddToContract(PathOf(index), $"is {Found()}; expected an object: {expected}.");
        _json.Skip();
        return false;
    }

    private readonly string Found() => _json.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => "text",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "true or false",
    };

    private static string PathOf(int index) => index == Root ? ValidationErrors.Body : $"requests[{index}]";

    private static string PathOf(string member, int index) => index == Root ? member : $"{PathOf(index)}.{member}";

    /// <summary>The only member an object of the contract has.</summary>
    private struct Member(string name)
    {
        public readonly string Name = name;

        public bool IsFound;
    }
}
