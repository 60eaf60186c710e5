using System.Buffers.Text;
using System.Text;

namespace Mnist.LoadTesting.Http;

/// <summary>The parts of an HTTP/1.1 response head that the load generator needs.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="BodyStart">Offset of the body, in bytes.</param>
/// <param name="BodyLength">Length of the body in bytes, from Content-Length.</param>
/// <param name="Closes">Whether the server closes the connection after this response.</param>
/// <param name="ExplainsRejection">Whether it has Retry-After and problem details (RFC 9457), as a rejection must.</param>
/// <param name="ServerTime">The Server-Timing field; null if there is none.</param>
internal readonly record struct ResponseHead(int Status, int BodyStart, int BodyLength, bool Closes, bool ExplainsRejection, ServerTime? ServerTime)
{
    /// <summary>Length of head and body, in bytes.</summary>
    public int Length => BodyStart + BodyLength;

    /// <summary>Parses the head of a response that may be incomplete; null if the end of the head has not arrived.</summary>
    /// <exception cref="InvalidDataException">The response is not HTTP/1.1, or has no Content-Length.</exception>
    public static ResponseHead? TryRead(ReadOnlySpan<byte> received)
    {
        int end = received.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return null;
        }

        var head = received[..end];
        if (!head.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(head[9..], out int status, out _)
            || !Utf8Parser.TryParse(FieldOf(head, "Content-Length: "u8), out int length, out _) || length < 0)
        {
            throw new InvalidDataException($"The server sent '{Encoding.Latin1.GetString(head)}', expected HTTP/1.1 with a Content-Length.");
        }

        bool closes = Ascii.EqualsIgnoreCase(FieldOf(head, "Connection: "u8), "close"u8);
        bool explains = !FieldOf(head, "Retry-After: "u8).IsEmpty && FieldOf(head, "Content-Type: "u8).SequenceEqual("application/problem+json"u8);
        return new ResponseHead(status, end + 4, length, closes, explains, Http.ServerTime.TryRead(FieldOf(head, "Server-Timing: "u8)));
    }

    /// <summary>The value of a field; empty if there is none. Field names are case-insensitive: some proxies write them in lower case.</summary>
    private static ReadOnlySpan<byte> FieldOf(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        for (int next = head.IndexOf("\r\n"u8); next >= 0; next = head.IndexOf("\r\n"u8))
        {
            head = head[(next + 2)..];
            if (head.Length >= name.Length && Ascii.EqualsIgnoreCase(head[..name.Length], name))
            {
                int end = head.IndexOf("\r\n"u8);
                return head[name.Length..(end < 0 ? head.Length : end)];
            }
        }

        return [];
    }
}
