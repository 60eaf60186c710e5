using System.Text;
using Mnist.LoadTesting.Http;

namespace Mnist.Tests.LoadTesting;

internal sealed class ResponseHeadTests
{
    private const string Complete = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n";

    [Test]
    public void TryRead_CompleteHead_ReturnsStatusAndBody() =>
        Assert.That(Read(Complete + "{\"a\""), Is.EqualTo(new ResponseHead(200, Complete.Length, 12, Closes: false, ExplainsRejection: false, ServerTime: null)));

    [Test]
    public void TryRead_IncompleteHead_ReturnsNull([Range(0, 70, 7)] int length) => Assert.That(Read(Complete[..Math.Min(length, Complete.Length - 1)]), Is.Null);

    [Test]
    public void TryRead_ConnectionClose_IsReported() =>
        Assert.That(Read("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")?.Closes, Is.True);

    [Test]
    public void TryRead_LowerCaseFieldNames_AreFound() =>
        Assert.That(
            Read("HTTP/1.1 200 OK\r\nx-content-length: 9\r\ncontent-length: 12\r\nconnection: Close\r\n\r\n"),
            Is.EqualTo(new ResponseHead(200, 79, 12, Closes: true, ExplainsRejection: false, ServerTime: null)));

    [TestCase("decode;dur=0.18, queue;dur=0.12, inference;dur=2", 180, 120, 2000)]
    [TestCase("cache;dur=9, inference;dur=2.5, queue;dur=0, decode;dur=1", 1000, 0, 2500)]
    public void TryRead_ServerTiming_IsInMicroseconds(string field, double decode, double queue, double inference)
    {
        var time = Read($"HTTP/1.1 200 OK\r\nServer-Timing: {field}\r\nContent-Length: 0\r\n\r\n")!.Value.ServerTime!.Value;

        Assert.That(new[] { time.Decode, time.Queue, time.Inference }, Is.EqualTo(new[] { decode, queue, inference }).Within(1e-6));
    }

    [TestCase("decode;dur=0.18, queue;dur=0.12")]
    [TestCase("decode;dur=x, queue;dur=0.12, inference;dur=1")]
    public void TryRead_OtherServerTiming_IsNull(string field) =>
        Assert.That(Read($"HTTP/1.1 200 OK\r\nServer-Timing: {field}\r\nContent-Length: 0\r\n\r\n")!.Value.ServerTime, Is.Null);

    [TestCase("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [TestCase("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n")]
    [TestCase("SSH-2.0\r\n\r\n")]
    public void TryRead_UnsupportedResponse_ThrowsAndShowsIt(string head) =>
        Assert.That(() => Read(head), Throws.TypeOf<InvalidDataException>().With.Message.Contains(head.Trim()));

    private static ResponseHead? Read(string received) => ResponseHead.TryRead(Encoding.ASCII.GetBytes(received));
}
