using System.Buffers;
using System.Text;
using System.Text.Json;
using Mnist.Core.Settings;

namespace Mnist.Core.Requests;

/// <summary>
/// Reads the JSON contract <c>{"requests":[{"image":"&lt;base64&gt;"}]}</c> and reports every error, each under its path. A serializer would stop at the
/// first, accept what the contract rejects (white space in base64) and put type names into its messages.
/// </summary>
public sealed class ClassifyRequestReader(MnistOptions options)
{
    private readonly ImageRequestValidator _validator = new(options);

    /// <summary>Reads and validates a whole body.</summary>
    /// <param name="body">UTF-8 JSON, with or without a byte order mark.</param>
    /// <param name="kind">What the images are.</param>
    /// <param name="deadline">How long the answer is worth waiting for.</param>
    /// <param name="errors">What is wrong with the rest of the request; goes on into the result.</param>
    /// <returns>A request without files where the body has no list of images, or too many.</returns>
    public ImageRequest Read(in ReadOnlySequence<byte> body, RequestKind kind, Deadline deadline, ValidationErrors errors)
    {
        if (body.IsSingleSegment)
        {
            return Read(body.FirstSpan, kind, deadline, errors);
        }

        int length = checked((int)body.Length);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            body.CopyTo(buffer);
            return Read(buffer.AsSpan(0, length), kind, deadline, errors);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private ImageRequest Read(ReadOnlySpan<byte> body, RequestKind kind, Deadline deadline, ValidationErrors errors)
    {
        var (files, count) = BodyReader.Read(body, options.MaxImagesPerRequest, errors);
        var request = new ImageRequest(kind, files ?? [], deadline, errors) { Count = count };
        if (files is not null)
        {
            _validator.AddErrors(request);
        }

        return count > options.MaxImagesPerRequest ? request with { Files = [] } : request;
    }

    /// <summary>One pass over a body.</summary>
    private ref struct BodyReader
    {
        /// <summary>The contract is three levels deep; a few more show where a body departs from it.</summary>
        private const int MaxDepth = 8;

        private const int Root = -1;

        // Stands for an image that could not be read; its error is reported already.
        private static readonly byte[] Unreadable = [];

        private readonly int _maxImages;
        private readonly ValidationErrors _errors;
        private Utf8JsonReader _json;

        private BodyReader(ReadOnlySpan<byte> body, int maxImages, ValidationErrors errors)
        {
            _maxImages = maxImages;
            _errors = errors;
            _json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        }

        /// <returns>The image files, at most <paramref name="maxImages"/>, and how many the body has; null where it has no list of images.</returns>
        public static (IReadOnlyList<byte[]>? Files, int Count) Read(ReadOnlySpan<byte> body, int maxImages, ValidationErrors errors)
        {
            if (body.StartsWith(Encoding.UTF8.Preamble))
            {
                body = body[Encoding.UTF8.Preamble.Length..];
            }

            if (body.IsEmpty)
            {
                errors.AddContractError(ValidationErrors.Body, "is empty; expected {\"requests\":[{\"image\":\"<base64>\"}]}.");
                return (null, 0);
            }

            var reader = new BodyReader(body, maxImages, errors);
            try
            {
                return reader.ReadBody();
            }
            catch (JsonException exception)
            {
                errors.AddContractError(ValidationErrors.Body, $"is not valid JSON, or nests more than {MaxDepth} levels deep: " +
                    $"reading stopped at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.");
            }
            catch (InvalidOperationException)
            {
                errors.AddContractError(ValidationErrors.Body, $"is not valid JSON: the text before byte {reader._json.BytesConsumed + 1} is not valid UTF-8 or UTF-16.");
            }

            return (null, 0);
        }

        private (IReadOnlyList<byte[]>?, int) ReadBody()
        {
            _json.Read();
            (IReadOnlyList<byte[]>?, int) images = default;
            if (ExpectObject(Root))
            {
                var member = new Member("requests");
                while (ReadMember(ref member, Root))
                {
                    images = ReadItems();
                }
            }

            // One more step: text after the document is an error.
            _json.Read();
            return images;
        }

        private (IReadOnlyList<byte[]>?, int) ReadItems()
        {
            if (_json.TokenType != JsonTokenType.StartArray)
            {
                _errors.AddContractError("requests", $"is {Found()}; expected a list of objects with an \"image\" each.");
                _json.Skip();
                return default;
            }

            var items = new List<byte[]>();
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

            return (items, count);
        }

        private byte[] ReadItem(int index)
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

        private byte[] ReadImage(int index)
        {
            if (_json.TokenType != JsonTokenType.String)
            {
                _errors.AddContractError(ImageRequest.ImagePath(index), $"is {Found()}; expected base64 text.");
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

            if (Base64Text.TryDecode(text, out byte[]? bytes, out string? error))
            {
                return bytes;
            }

            _errors.AddContractError(ImageRequest.ImagePath(index), error);
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
                        _errors.AddContractError(PathOf(member.Name, index), "appears more than once; expected exactly one.");
                    }

                    member.IsFound = true;
                }
                else if (IsMisspelt(member.Name))
                {
                    _errors.AddContractError(PathOf(member.Name, index), $"is written in another case; expected \"{member.Name}\", all lower case.");
                }
                else
                {
                    _errors.AddContractError(PathOf(index), $"has an unknown member before byte {_json.BytesConsumed + 1}; expected only \"{member.Name}\".");
                }

                _json.Read();
                if (isNew)
                {
                    return true;
                }

                _json.Skip();
            }

            if (!member.IsFound && !_errors.Contains(PathOf(member.Name, index)))
            {
                _errors.AddContractError(PathOf(member.Name, index), "is missing.");
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
            _errors.AddContractError(PathOf(index), $"is {Found()}; expected an object: {expected}.");
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

        private static string PathOf(int index) => index == Root ? ValidationErrors.Body : ImageRequest.ItemPath(index);

        private static string PathOf(string member, int index) => index == Root ? member : $"{PathOf(index)}.{member}";

        /// <summary>The only member an object of the contract has.</summary>
        private struct Member(string name)
        {
            public readonly string Name = name;

            public bool IsFound;
        }
    }
}
