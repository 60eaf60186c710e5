using System.Text;
using Mnist.Core.Requests;
using Mnist.Core.Settings;
using static Mnist.Tests.Support.BadRequest;

namespace Mnist.Tests.Support;

/// <summary>What no HTTP library would send: broken framing, lengths, chunks and expectations (RFC 9110 and 9112).</summary>
internal static class WireCases
{
    /// <summary>Name of a body that only its length makes wrong.</summary>
    public const string TooLong = "declared too large";

    private static readonly long MaxBody = RequestKind.Digits.MaxBodyBytes(new MnistOptions());

    /// <param name="body">A body that is right.</param>
    public static IEnumerable<BadRequest> All(string body) => [.. Framing(body), .. Lengths(body), .. Chunks(body), .. Bodies(body)];

    private static IEnumerable<BadRequest> Framing(string body)
    {
        const string Get = "GET /health/live HTTP/1.1\r\n";
        byte[] noise = new byte[256];
        new Random(1).NextBytes(noise);
        string good = Post + Json + Length(body.Length) + "\r\n" + body;

        yield return Of("no host", Get + "\r\n", 400);
        yield return Of("two hosts", Get + Host + Host + "\r\n", 400);
        yield return Of("host that is none", Get + "Host: a b\r\n\r\n", 400);
        yield return Of("HTTP/3.0", "GET / HTTP/3.0\r\n" + Host + "\r\n", 505);
        yield return Of("HTTP/0.9", "GET /\r\n\r\n", 400);
        yield return Of("TLS on a plain port", "\u0016\u0003\u0001\0\u00A5\u0001\0\0\u00A1\u0003\u0003\r\n\r\n", 400);
        yield return new("256 random bytes", [.. noise, .. "\r\n\r\n"u8], 400);
        yield return Of("control character in the method", "GE\u0001T / HTTP/1.1\r\n" + Host + "\r\n", 400);
        yield return Of("CONNECT", "CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n", 404, "not-found");
        yield return Of("long path", $"GET /{new string('a', 3000)} HTTP/1.1\r\n{Host}\r\n", 414);
        yield return Of("long header", Get + Host + $"X: {new string('a', 9000)}\r\n\r\n", 431);
        yield return Of("many headers", Get + Host + string.Concat(Enumerable.Range(0, 60).Select(i => $"X{i}: 1\r\n")) + "\r\n", 431);
        yield return Of("space before a colon", Get + Host + "X : 1\r\n\r\n", 400);
        yield return Of("folded header", Get + Host + "X: 1\r\n 2\r\n\r\n", 400);
        yield return Of("bare carriage return", Get + Host + "X: 1\r2\r\n\r\n", 400);
        yield return Of("NUL in a header", Get + Host + "X: 1\0\r\n\r\n", 400);
        yield return Of("header without a colon", Get + Host + "X\r\n\r\n", 400);
        yield return Of("bare line feeds", Get.ReplaceLineEndings("\n") + "Host: localhost\n\n", 400);
        yield return Of("NUL in the path", "GET /%00 HTTP/1.1\r\n" + Host + "\r\n", 400);
        yield return Of("path upwards", "GET /../../etc/passwd HTTP/1.1\r\n" + Host + "\r\n", 404, "not-found");
        yield return Of("path upwards, encoded", "GET /%2e%2e/%2e%2e%2fetc/passwd HTTP/1.1\r\n" + Host + "\r\n", 404, "not-found");
        yield return Of("long trailers", Post + Json + Chunked + $"\r\n{Chunk(body)}0\r\nX: {new string('a', 100_000)}\r\n\r\n", 431, "invalid-request");
        yield return new("two requests at once", Encoding.Latin1.GetBytes(good + good), 200) { Answers = 2 };
    }

    private static IEnumerable<BadRequest> Lengths(string body)
    {
        string length = Length(body.Length);
        string chunks = $"\r\n{Chunk(body)}0\r\n\r\n";
        const string Smuggled = "GET /health/live HTTP/1.1\r\n" + Host + "\r\n";

        yield return Of("two lengths", Post + Json + length + Length(1) + "\r\n" + body, 400);
        yield return Of("the same length twice", Post + Json + length + length + "\r\n" + body, 400);
        yield return Of("negative length", Post + Json + "Content-Length: -1\r\n\r\n", 400);

        // A proxy in front must refuse it. When this fails, the runtime has become stricter: expect 400 then, and remove it from docs/api.md and docs/guides/proxy.md.
        yield return Of("length with a plus", Post + Json + $"Content-Length: +{body.Length}\r\n\r\n{body}", 200);
        yield return Of("hexadecimal length", Post + Json + "Content-Length: 0x10\r\n\r\n", 400);
        yield return Of("length beyond 64 bits", Post + Json + "Content-Length: 99999999999999999999\r\n\r\n", 400);
        yield return Of("length of a terabyte", Post + Json + "Content-Length: 999999999999\r\n\r\n", 413, "body-too-large");
        yield return Of("length and chunks, with a request behind", Post + Json + Length(6) + Chunked + chunks + Smuggled, 200);
        yield return Of("transfer encoding gzip", Post + Json + "Transfer-Encoding: gzip\r\n\r\n", 400);
        yield return Of("transfer encoding chunked, gzip", Post + Json + "Transfer-Encoding: chunked, gzip\r\n" + chunks, 400);
        yield return Of("transfer encoding xchunked", Post + Json + "Transfer-Encoding: xchunked\r\n" + chunks, 400);
        yield return Of("chunks in HTTP/1.0", Post.Replace("1.1", "1.0", StringComparison.Ordinal) + Json + Chunked + chunks, 200);
    }

    private static IEnumerable<BadRequest> Chunks(string body)
    {
        yield return Request("chunk extension", $"{body.Length:x};a=b\r\n{body}\r\n0\r\n\r\n", 200);
        yield return Request("line feed in a chunk extension", $"{body.Length:x};a\n{body}\r\n0\r\n\r\n", 400, "invalid-request");
        yield return Request("line feed after a chunk size", $"{body.Length:x}\n{body}\r\n0\r\n\r\n", 400, "invalid-request");
        yield return Request("chunk size that is no number", $"zz\r\n{body}\r\n0\r\n\r\n", 400, "invalid-request");
        yield return Request("chunk size of 17 digits", $"00000000000000001\r\n{body}\r\n0\r\n\r\n", 400, "invalid-request");
        yield return Request("negative chunk", $"-1\r\n{body}\r\n0\r\n\r\n", 400, "invalid-request");
        yield return Request("no line end after a chunk", $"{body.Length:x}\r\n{body}0\r\n\r\n", 400, "invalid-request");
        yield return Request("one-byte chunks", string.Concat(body.Select(c => Chunk($"{c}"))) + "0\r\n\r\n", 200);
        yield return Request("a million one-byte chunks", string.Concat(Enumerable.Repeat("1\r\n \r\n", 1_000_000)) + "0\r\n\r\n", 413, "body-too-large");
        yield return Request("endless chunk extension", $"{body.Length:x};{new string('a', (int)MaxBody)}\r\n{body}\r\n0\r\n\r\n", 413, "body-too-large");

        static BadRequest Request(string name, string chunks, int status, string? problem = null) => Of(name, $"{Post}{Json}{Chunked}\r\n{chunks}", status, problem);
    }

    private static IEnumerable<BadRequest> Bodies(string body)
    {
        string tooLong = new(' ', (int)MaxBody + 1);
        const string Expect = "Expect: 100-continue\r\n";

        yield return Of(TooLong, Post + Json + Length(MaxBody + 1) + "\r\n" + tooLong, 413, "body-too-large");
        yield return Of("too large in chunks", Post + Json + Chunked + "\r\n" + Chunk(tooLong) + "0\r\n\r\n", 413, "body-too-large");
        yield return Of("too large, asking first", Post + Json + Expect + Length(MaxBody + 1) + "\r\n", 413, "body-too-large");
        yield return Of("asking first", Post + Json + Expect + Length(body.Length) + "\r\n" + body, 200);
        yield return Of("body cut off", Post + Json + Length(body.Length) + "\r\n" + body[..^1], 0) with { EndsSending = true };
        yield return Of("no body", Post + Json + "\r\n", 400, "invalid-request");
    }
}
