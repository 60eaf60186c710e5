using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Mnist.Core;
using Mnist.Tests.Core;

namespace Mnist.Tests.Api;

/// <summary>What no HTTP library would send, byte by byte. An answer of the HTTP layer itself has no body; it is never a 500.</summary>
[CancelAfter(60_000)]
public sealed class WireTests
{
    private const string Head = "POST /mnist/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

    private static readonly string Body = MnistServer.Body(TestDigits.Base64());

    private static readonly long MaxBody = new MnistOptions().MaxRequestBytes;

    private static IEnumerable<TestCaseData<string, int>> Requests()
    {
        string length = $"Content-Length: {Body.Length}\r\n";
        string chunked = "Transfer-Encoding: chunked\r\n";
        string size = Body.Length.ToString("x", CultureInfo.InvariantCulture);
        yield return Request(Head + length + "\r\n" + Body, 200, "whole");
        yield return Request(Head + chunked + $"\r\n{size}\r\n{Body}\r\n0\r\n\r\n", 200, "chunked");
        yield return Request(Head + chunked + $"\r\n{string.Concat(Body.Select(c => $"1\r\n{c}\r\n"))}0\r\n\r\n", 200, "one-byte chunks");
        yield return Request((Head + length + "\r\n").Replace("\r\n", "\n", StringComparison.Ordinal) + Body, 400, "bare line feeds");
        yield return Request("POST /mnist/classify HTTP/1.1\r\n" + length + "\r\n" + Body, 400, "no host");
        yield return Request("POST /mnist/classify HTTP/3.0\r\nHost: localhost\r\n\r\n", 505, "unknown version");
        yield return Request("\u0016\u0003\u0001\0\u00A5\u0001\0\0\r\n\r\n", 400, "TLS on a plain port");
        yield return Request($"GET /{new string('a', 3000)} HTTP/1.1\r\nHost: localhost\r\n\r\n", 414, "long path");
        yield return Request(Head + $"X: {new string('a', 9000)}\r\n\r\n", 431, "long header");
        yield return Request(Head + string.Concat(Enumerable.Range(0, 60).Select(i => $"X{i}: 1\r\n")) + "\r\n", 431, "many headers");
        yield return Request(Head + "Content-Length: -1\r\n\r\n", 400, "negative length");
        yield return Request(Head + length + "Content-Length: 1\r\n\r\n" + Body, 400, "two lengths");
        yield return Request(Head + "Content-Length: 99999999999999999999\r\n\r\n", 400, "length beyond 64 bits");
        yield return Request(Head + "\r\n", 400, "no body");
        yield return Request(Head + "Transfer-Encoding: gzip\r\n\r\n", 400, "unknown transfer encoding");
        yield return Request(Head + chunked + "\r\nzz\r\n", 400, "chunk size that is no number");
        yield return Request(Head + chunked + "\r\n-1\r\n", 400, "negative chunk");
        yield return Request(Head + chunked + $"\r\n{size};a\n{Body}\r\n0\r\n\r\n", 400, "line feed in a chunk extension");
        yield return Request(Head + $"Content-Length: {MaxBody + 1}\r\n\r\n", 413, "declared too large");
        yield return Request(Head + "Content-Length: 999999999999\r\nExpect: 100-continue\r\n\r\n", 413, "declared far too large");
        yield return Request(Head + chunked + $"\r\n{MaxBody + 1:x}\r\n{new string(' ', (int)MaxBody + 1)}\r\n0\r\n\r\n", 413, "chunked too large");
        yield return Request(Head + "Content-Type: text/plain\r\n" + length + "\r\n" + Body, 415, "two content types");
    }

    [TestCaseSource(nameof(Requests))]
    public async Task Request_OnTheWire_IsAnsweredWith(string request, int status, CancellationToken cancellationToken)
    {
        string response = await SendAsync(request, cancellationToken);

        Assert.That(response, Does.StartWith($"HTTP/1.1 {status} "));
        Assert.That(response, Does.Not.Contain("\r\nServer:"));
        if (status == 413)
        {
            Assert.That(response, Does.Contain("\r\nConnection: close").And.Contain("urn:mnist:problem:body-too-large"));
        }

        await SharedServer.Server.AssertStillWorksAsync();
    }

    [Test]
    public async Task Request_BadThenGoodOnOneConnection_BothAnswered(CancellationToken cancellationToken)
    {
        string bad = Head + "Content-Length: 2\r\n\r\n{}";
        string good = Head + $"Content-Length: {Body.Length}\r\nConnection: close\r\n\r\n{Body}";
        string response = await SendAsync(bad + good, cancellationToken);

        Assert.That(response, Does.StartWith("HTTP/1.1 400 "));
        Assert.That(response, Does.Contain("HTTP/1.1 200 "));
    }

    [Test]
    public async Task Request_InHttp2_IsSentAway(CancellationToken cancellationToken)
    {
        const char GoAway = '\u0007';
        string response = await SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", cancellationToken);

        Assert.That(response[3], Is.EqualTo(GoAway), "the type of the frame");
        await SharedServer.Server.AssertStillWorksAsync();
    }

    [Test]
    public async Task Request_SenderTooSlow_Is408(CancellationToken cancellationToken)
    {
        string response = await SendAsync(Head + "Content-Length: 100\r\n\r\n{", cancellationToken);

        Assert.That(response, Does.StartWith("HTTP/1.1 408 "));
        Assert.That(response, Does.Contain("urn:mnist:problem:too-slow"));
        await SharedServer.Server.AssertStillWorksAsync();
    }

    [Test]
    public async Task Request_ConnectionCutInTheBody_LeavesTheServerWorking(CancellationToken cancellationToken)
    {
        await using (var stream = await SharedServer.Server.ConnectAsync())
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(Head + "Content-Length: 100\r\n\r\n{"), cancellationToken);
            stream.Socket.LingerState = new LingerOption(true, 0);
        }

        await SharedServer.Server.AssertStillWorksAsync();
    }

    private static async Task<string> SendAsync(string request, CancellationToken cancellationToken)
    {
        await using var stream = await SharedServer.Server.ConnectAsync();
        var write = WriteAsync(stream, request, cancellationToken);
        string response = await ReadResponseAsync(stream, cancellationToken);
        await write;
        return response;
    }

    private static async Task WriteAsync(NetworkStream stream, string request, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request), cancellationToken);
        }
        catch (IOException)
        {
            // The server answered and closed before it had all: that is what 413 is for.
        }
    }

    /// <summary>Reads until the server closes, or has been silent for a while after its answer.</summary>
    private static async Task<string> ReadResponseAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var response = new StringBuilder();
        byte[] buffer = new byte[4096];
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            for (int count; (count = await stream.ReadAsync(buffer, silence.Token)) > 0; silence.CancelAfter(300))
            {
                response.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A connection that stays open for the next request.
        }
        catch (IOException)
        {
            // Reset by the server after its answer.
        }

        return response.ToString();
    }

    private static TestCaseData<string, int> Request(string request, int status, string name) => new TestCaseData<string, int>(request, status).SetArgDisplayNames(name);
}
