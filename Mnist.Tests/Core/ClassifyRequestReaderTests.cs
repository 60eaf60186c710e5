using System.Buffers;
using System.Text;
using Mnist.Core.Requests;
using Mnist.Core.Settings;
using Mnist.Tests.Inference;

namespace Mnist.Tests.Core;

public sealed class ClassifyRequestReaderTests
{
    private const int MaxImages = 4;

    private static readonly ClassifyRequestReader Reader = new(new MnistOptions { MaxImagesPerRequest = MaxImages });

    [Test]
    public void Read_OfTheContract_GivesTheImagesInOrder()
    {
        var (request, errors) = Read("""{"requests":[{"image":"AQID"},{"image":"BA=="}]}""");

        Assert.That(errors.Any, Is.False);
        Assert.That(request.Files, Is.EqualTo(new byte[][] { [1, 2, 3], [4] }));
    }

    [TestCase("\uFEFF{\"requests\":[{\"image\":\"AQID\"}]}", TestName = "Read_ByteOrderMark_IsAccepted")]
    [TestCase("{\"requests\":[{\"image\":\"\\u0041QID\"}]}", TestName = "Read_EscapeInValue_IsAccepted")]
    [TestCase("{\"requests\":[{\"\\u0069mage\":\"AQID\"}]}", TestName = "Read_EscapeInName_IsAccepted")]
    [TestCase(" {\r\n\t\"requests\" : [ { \"image\" : \"AQID\" } ] }\n", TestName = "Read_WhiteSpaceBetweenTokens_IsAccepted")]
    public void Read_UnusualButLegal_IsAccepted(string body)
    {
        var (request, errors) = Read(body);

        Assert.That(errors.Any, Is.False);
        Assert.That(request.Files.Single(), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public void Read_MillionsOfImages_CountsThemAndKeepsNone()
    {
        const int Count = 1_000_000;
        byte[] body = Encoding.UTF8.GetBytes($"{{\"requests\":[{string.Join(',', Enumerable.Repeat('0', Count))}]}}");
        ImageRequest? request = null;
        long allocated = Allocation.LeastOf(() => request = Read(new ReadOnlySequence<byte>(body)).Request);

        Assert.That(request!.Count, Is.EqualTo(Count));
        Assert.That(allocated, Is.LessThan(100_000));
    }

    [Test]
    public void Read_EscapedSlash_IsASlash()
    {
        var (request, _) = Read("""{"requests":[{"image":"\/\/\/\/"}]}""");

        Assert.That(request.Files.Single(), Is.EqualTo(new byte[] { 255, 255, 255 }));
    }

    [TestCase("null", "$", "null")]
    [TestCase("[]", "$", "a list")]
    [TestCase("\"text\"", "$", "text")]
    [TestCase("5", "$", "a number")]
    [TestCase("true", "$", "true or false")]
    [TestCase("{}", "requests", "missing")]
    [TestCase("""{"requests":null}""", "requests", "null")]
    [TestCase("""{"requests":{}}""", "requests", "an object")]
    [TestCase("""{"Requests":[]}""", "requests", "another case")]
    [TestCase("""{"requests":[],"requests":[]}""", "requests", "more than once")]
    [TestCase("""{"requests":[{"image":"AQID"}],"model":"x"}""", "$", "unknown member")]
    [TestCase("""{"requests":[null]}""", "requests[0]", "null")]
    [TestCase("""{"requests":["AQID"]}""", "requests[0]", "text")]
    [TestCase("""{"requests":[{}]}""", "requests[0].image", "missing")]
    [TestCase("""{"requests":[{"image":null}]}""", "requests[0].image", "null")]
    [TestCase("""{"requests":[{"image":7}]}""", "requests[0].image", "a number")]
    [TestCase("""{"requests":[{"image":["AQID"]}]}""", "requests[0].image", "a list")]
    [TestCase("""{"requests":[{"image":{"a":[1]}}]}""", "requests[0].image", "an object")]
    [TestCase("""{"requests":[{"IMAGE":"AQID"}]}""", "requests[0].image", "another case")]
    [TestCase("""{"requests":[{"image":"AQID","image":"AQID"}]}""", "requests[0].image", "more than once")]
    [TestCase("""{"requests":[{"image":"AQID","\u0069mage":"AQID"}]}""", "requests[0].image", "more than once")]
    [TestCase("""{"requests":[{"image":"AQID","id":1}]}""", "requests[0]", "unknown member")]
    [TestCase("""{"requests":[{"image":"AQID"},{"image":"data:image/png;base64,AQID"}]}""", "requests[1].image", "data: URL")]
    public void Read_ContractError_IsReportedUnderItsPath(string body, string path, string message)
    {
        var (_, errors) = Read(body);

        Assert.That(errors.BreaksContract);
        Assert.That(errors.Messages.Keys, Is.EqualTo(new[] { path }));
        Assert.That(errors.Messages[path].Single(), Does.Contain(message));
    }

    [TestCase("1", "$", "is a number; expected an object: {\"requests\":[{\"image\":\"<base64>\"}]}.")]
    [TestCase("""{"requests":[1]}""", "requests[0]", "is a number; expected an object: {\"image\":\"<base64>\"}.")]
    [TestCase("""{"x":[{"image":"?"}],"requests":[{"image":"AQID"}]}""", "$", "has an unknown member before byte 6; expected only \"requests\".")]
    [TestCase("""{"requests":{"x":[1]}}""", "requests", "is an object; expected a list of objects with an \"image\" each.")]
    public void Read_ContractError_SaysWhatWasExpected(string body, string path, string message)
    {
        var (_, errors) = Read(body);

        Assert.That(errors.Messages, Is.EqualTo(new Dictionary<string, string[]> { [path] = [message] }));
    }

    [Test]
    public void Read_WithoutAListOfImages_GivesNoFiles([Values("{}", "[]", "{\"requests\":1}", "null")] string body) =>
        Assert.That(Read(body).Request.Files, Is.Empty);

    [TestCase("", "empty")]
    [TestCase("   ", "line 1, byte")]
    [TestCase("""{"requests":[{"image":"AQID"}]""", "line 1, byte 31")]
    [TestCase("""{"requests":[{"image":"AQID"},]}""", "line 1, byte 31")]
    [TestCase("{\n// comment\n\"requests\":[]}", "line 2, byte 1")]
    [TestCase("""{"requests":[]} {"requests":[]}""", "line 1, byte 17")]
    [TestCase("""{"requests":[]} x""", "line 1, byte 17")]
    [TestCase("""{"requests":[{"image":"AQ""", "line 1")]
    [TestCase("""{'requests':[]}""", "line 1, byte 2")]
    [TestCase("""{"requests":[{"image":"\uD800"}]}""", "the text before byte 31 is not valid UTF-8")]
    [TestCase("\0", "line 1, byte 1")]
    [TestCase("""[[[[[[[[[[1]]]]]]]]]]""", "8 levels")]
    public void Read_NotJson_TellsWhere(string body, string message)
    {
        var (request, errors) = Read(body);

        Assert.That(request.Files, Is.Empty);
        Assert.That(errors.BreaksContract);
        Assert.That(errors.Messages["$"], Has.One.Contains(message));
    }

    [Test]
    public void Read_InvalidUtf8_IsReported([Values("{\"requests\":[{\"\u00FF\":1}]}", "{\"requests\":[{\"image\":\"\u00FF\u00FE\"}]}", "\u00FF\u00FE")] string latin)
    {
        var (_, errors) = Read(new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes(latin)));

        Assert.That(errors.BreaksContract);
    }

    [Test]
    public void Read_ManyErrors_ReportsAllAtOnce()
    {
        var (_, errors) = Read("""{"requests":[{"image":"A"},{"image":"A-_A"},{"image":"AQ D"},{}],"x":1}""");

        Assert.That(errors.Messages.Keys, Is.EqualTo(new[] { "$", "requests[0].image", "requests[1].image", "requests[2].image", "requests[3].image" }));
    }

    [TestCase(0)]
    [TestCase(5)]
    [TestCase(50_000)]
    public void Read_NumberOfImagesOutOfRange_SaysTheNumber(int count)
    {
        var (request, errors) = Read(MnistBody(Enumerable.Repeat("x", count)));

        Assert.That(request.Files, Is.Empty);
        Assert.That(errors.BreaksContract);
        Assert.That(errors.Messages["requests"].Single(), Does.Contain($"has {count} images; expected 1 to {MaxImages}"));
    }

    [TestCase(0, false)]
    [TestCase(1, true)]
    [TestCase(RequestKind.MaxDigitBytes, true)]
    [TestCase(RequestKind.MaxDigitBytes + 1, false)]
    public void Read_SizeOfADigitFile_IsLimited(int bytes, bool accepted) =>
        AssertSize(bytes, accepted, RequestKind.Digits, "expected an image file of 1 to 16384 bytes, without metadata. Photos need 'normalize'.");

    [TestCase(0, false)]
    [TestCase(1, true)]
    [TestCase(RequestKind.MaxPhotoBytes, true)]
    [TestCase(RequestKind.MaxPhotoBytes + 1, false)]
    public void Read_SizeOfAPhoto_IsLimited(int bytes, bool accepted) =>
        AssertSize(bytes, accepted, RequestKind.Photos, "expected an image file of 1 to 10485760 bytes. Scale a larger one down or save it as JPEG.");

    [Test]
    public void Read_MoreImagesThanAllowed_CountsWithoutDecodingThem()
    {
        var (request, errors) = Read(MnistBody(Enumerable.Repeat("AQID", MaxImages).Concat(["!", "!"])));

        Assert.That(errors.Messages.Keys, Is.EqualTo(new[] { "requests" }));
        Assert.That(request.Count, Is.EqualTo(MaxImages + 2));
        Assert.That(request.Files, Is.Empty);
    }

    [Test]
    public void Read_ErrorEveryFewBytes_ReportsABoundedNumber()
    {
        string members = string.Join(',', Enumerable.Range(0, 10_000).Select(i => $"\"x{i}\":0"));
        var (_, errors) = Read($$"""{"requests":[{"image":"AQID",{{members}}}]}""");

        Assert.That(errors.Messages["requests[0]"], Has.Length.EqualTo(ValidationErrors.MaxCount));
    }

    [Test]
    public void Read_BodyInSegments_ReadsAsOne([Range(1, 60, 7)] int pieceLength)
    {
        string body = MnistBody(["AQID", "BA=="]);
        var (request, errors) = Read(Split(Encoding.UTF8.GetBytes(body), pieceLength));

        Assert.That(errors.Any, Is.False);
        Assert.That(request.Files, Is.EqualTo(new byte[][] { [1, 2, 3], [4] }));
    }

    [Test]
    public void Read_TruncatedAnywhere_NeverThrowsAndAlwaysErrors()
    {
        string body = MnistBody(["AQID", "\\u0042A=="]);
        for (int length = 0; length < body.Length; length++)
        {
            var (_, errors) = Read(body[..length]);
            Assert.That(errors.BreaksContract, $"first {length} characters");
        }
    }

    [Test]
    public void Read_OneByteChanged_NeverThrows()
    {
        byte[] body = Encoding.UTF8.GetBytes(MnistBody(["AQID", "\\u0042A=="]));
        for (int i = 0; i < body.Length; i++)
        {
            for (int value = 0; value < 256; value++)
            {
                byte[] changed = [.. body];
                changed[i] = (byte)value;
                Assert.That(() => Read(new ReadOnlySequence<byte>(changed)), Throws.Nothing);
            }
        }
    }

    private static void AssertSize(int bytes, bool accepted, RequestKind kind, string expected)
    {
        var (_, errors) = Read(MnistBody(["AQID", Convert.ToBase64String(new byte[bytes])]), kind);

        Assert.That(errors.Messages.Keys, accepted ? Is.Empty : Is.EqualTo(new[] { "requests[1].image" }));
        Assert.That(errors.Messages.Values.SelectMany(messages => messages), accepted ? Is.Empty : Is.EqualTo(new[] { $"has {bytes} bytes; {expected}" }));
    }

    private static string MnistBody(IEnumerable<string> images) => MnistServer.Body(images);

    private static (ImageRequest Request, ValidationErrors Errors) Read(string body, RequestKind? kind = null) => Read(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(body)), kind);

    private static (ImageRequest Request, ValidationErrors Errors) Read(in ReadOnlySequence<byte> body, RequestKind? kind = null)
    {
        var errors = new ValidationErrors();
        var request = Reader.Read(body, kind ?? RequestKind.Digits, Deadline.After(TimeSpan.FromSeconds(1)), errors);
        Assert.That(request.Errors, Is.SameAs(errors));
        return (request, errors);
    }

    private static ReadOnlySequence<byte> Split(byte[] bytes, int pieceLength)
    {
        Piece? first = null;
        Piece? last = null;
        foreach (byte[] piece in bytes.Chunk(pieceLength))
        {
            last = new Piece(piece, last);
            first ??= last;
        }

        return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(byte[] bytes, Piece? previous)
        {
            Memory = bytes;
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }
}
