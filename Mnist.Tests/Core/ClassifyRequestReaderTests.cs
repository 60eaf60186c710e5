using System.Buffers;
using System.Text;
using Mnist.Core.Contract;
using Mnist.Tests.Inference;

namespace Mnist.Tests.Core;

public sealed class ClassifyRequestReaderTests
{
    private const int MaxImages = 4;

    [Test]
    public void Read_OfTheContract_GivesTheImagesInOrder()
    {
        var (request, faults) = Read("""{"requests":[{"image":"AQID"},{"image":"BA=="}]}""");

        Assert.That(faults.Any, Is.False);
        Assert.That(request!.Requests.Select(item => item.Image), Is.EqualTo(new byte[][] { [1, 2, 3], [4] }));
    }

    [TestCase("\uFEFF{\"requests\":[{\"image\":\"AQID\"}]}", TestName = "Read_ByteOrderMark_IsAccepted")]
    [TestCase("{\"requests\":[{\"image\":\"\\u0041QID\"}]}", TestName = "Read_EscapeInValue_IsAccepted")]
    [TestCase("{\"requests\":[{\"\\u0069mage\":\"AQID\"}]}", TestName = "Read_EscapeInName_IsAccepted")]
    [TestCase(" {\r\n\t\"requests\" : [ { \"image\" : \"AQID\" } ] }\n", TestName = "Read_WhiteSpaceBetweenTokens_IsAccepted")]
    public void Read_UnusualButLegal_IsAccepted(string body)
    {
        var (request, faults) = Read(body);

        Assert.That(faults.Any, Is.False);
        Assert.That(request!.Requests.Single().Image, Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public void Read_MillionsOfImages_CountsThemAndKeepsNone()
    {
        const int Count = 1_000_000;
        byte[] body = Encoding.UTF8.GetBytes($"{{\"requests\":[{string.Join(',', Enumerable.Repeat('0', Count))}]}}");
        ClassifyRequest? request = null;
        long allocated = Allocation.LeastOf(() => request = ClassifyRequestReader.Read(new ReadOnlySequence<byte>(body), MaxImages, new ValidationErrors()));

        Assert.That(request!.Count, Is.EqualTo(Count));
        Assert.That(allocated, Is.LessThan(100_000));
    }

    [Test]
    public void Read_EscapedSlash_IsASlash()
    {
        var (request, _) = Read("""{"requests":[{"image":"\/\/\/\/"}]}""");

        Assert.That(request!.Requests.Single().Image, Is.EqualTo(new byte[] { 255, 255, 255 }));
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
    [TestCase("""{"requests":[],"model":"x"}""", "$", "unknown member")]
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
    public void Read_BreachOfTheContract_IsReportedUnderItsPath(string body, string path, string message)
    {
        var (_, faults) = Read(body);

        Assert.That(faults.BreaksContract);
        Assert.That(faults.Messages.Keys, Is.EqualTo(new[] { path }));
        Assert.That(faults.Messages[path].Single(), Does.Contain(message));
    }

    [TestCase("1", "$", "is a number; expected an object: {\"requests\":[{\"image\":\"<base64>\"}]}.")]
    [TestCase("""{"requests":[1]}""", "requests[0]", "is a number; expected an object: {\"image\":\"<base64>\"}.")]
    [TestCase("""{"x":[{"image":"?"}],"requests":[]}""", "$", "has an unknown member before byte 6; expected only \"requests\".")]
    [TestCase("""{"requests":{"x":[1]}}""", "requests", "is an object; expected a list of objects with an \"image\" each.")]
    public void Read_BreachOfTheContract_IsOneFaultThatTellsWhatWasExpected(string body, string path, string message)
    {
        var (_, faults) = Read(body);

        Assert.That(faults.Messages, Is.EqualTo(new Dictionary<string, string[]> { [path] = [message] }));
    }

    [Test]
    public void Read_WithoutAListOfImages_GivesNoRequest([Values("{}", "[]", "{\"requests\":1}")] string body) =>
        Assert.That(Read(body).Request, Is.Null);

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
        var (request, faults) = Read(body);

        Assert.That(request, Is.Null);
        Assert.That(faults.BreaksContract);
        Assert.That(faults.Messages["$"], Has.One.Contains(message));
    }

    [Test]
    public void Read_InvalidUtf8_IsReported([Values("{\"requests\":[{\"\u00FF\":1}]}", "{\"requests\":[{\"image\":\"\u00FF\u00FE\"}]}", "\u00FF\u00FE")] string latin)
    {
        var faults = new ValidationErrors();
        ClassifyRequestReader.Read(new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes(latin)), MaxImages, faults);

        Assert.That(faults.BreaksContract);
    }

    [Test]
    public void Read_ManyFaults_ReportsAllAtOnce()
    {
        var (_, faults) = Read("""{"requests":[{"image":"A"},{"image":"A-_A"},{"image":"AQ D"},{}],"x":1}""");

        Assert.That(faults.Messages.Keys, Is.EqualTo(new[] { "$", "requests[0].image", "requests[1].image", "requests[2].image", "requests[3].image" }));
    }

    [Test]
    public void Read_MoreImagesThanAllowed_CountsWithoutDecodingThem()
    {
        var (request, faults) = Read(MnistBody(Enumerable.Repeat("AQID", MaxImages).Concat(["!", "!"])));

        Assert.That(faults.Any, Is.False);
        Assert.That(request!.Count, Is.EqualTo(MaxImages + 2));
        Assert.That(request.Requests, Has.Count.EqualTo(MaxImages));
    }

    [Test]
    public void Read_FaultEveryFewBytes_ReportsABoundedNumber()
    {
        string members = string.Join(',', Enumerable.Range(0, 10_000).Select(i => $"\"x{i}\":0"));
        var (_, faults) = Read($$"""{"requests":[{"image":"AQID",{{members}}}]}""");

        Assert.That(faults.Messages["requests[0]"], Has.Length.EqualTo(ValidationErrors.MaxCount));
    }

    [Test]
    public void Read_BodyInPieces_ReadsAsOne([Range(1, 60, 7)] int pieceLength)
    {
        string body = MnistBody(["AQID", "BA=="]);
        var faults = new ValidationErrors();
        var request = ClassifyRequestReader.Read(Split(Encoding.UTF8.GetBytes(body), pieceLength), MaxImages, faults);

        Assert.That(faults.Any, Is.False);
        Assert.That(request!.Requests.Select(item => item.Image), Is.EqualTo(new byte[][] { [1, 2, 3], [4] }));
    }

    [Test]
    public void Read_TruncatedAnywhere_NeverThrowsAndAlwaysFaults()
    {
        string body = MnistBody(["AQID", "\\u0042A=="]);
        for (int length = 0; length < body.Length; length++)
        {
            var (_, faults) = Read(body[..length]);
            Assert.That(faults.BreaksContract, $"first {length} characters");
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
                Assert.That(() => ClassifyRequestReader.Read(new ReadOnlySequence<byte>(changed), MaxImages, new ValidationErrors()), Throws.Nothing);
            }
        }
    }

    private static string MnistBody(IEnumerable<string> images) => MnistServer.Body(images);

    private static (ClassifyRequest? Request, ValidationErrors Faults) Read(string body)
    {
        var faults = new ValidationErrors();
        return (ClassifyRequestReader.Read(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(body)), MaxImages, faults), faults);
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
