using System.Buffers.Text;
using System.Text;

namespace Mnist.LoadTesting;

/// <summary>As much of an HTTP/1.1 answer as the generator needs: where it ends, what its status is, and where the server's time went.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="BodyStart">Offset of the body.</param>
/// <param name="BodyLength">Bytes of the body, by Content-Length.</param>
/// <param name="Closes">Whether the server closes the connection after this answer.</param>
/// <param name="ExplainsRefusal">Whether it says when to ask again (Retry-After) and what is wrong (RFC 9457), as a refusal should.</param>
/// <param name="ServerTime">What the server says of its own time; null where it says nothing.</param>
internal readonly record struct AnswerHead(int Status, int BodyStart, int BodyLength, bool Closes, bool ExplainsRefusal, ServerTime? ServerTime)
{
    public int Length => BodyStart + BodyLength;

    /// <summary>Reads the head of an answer that may not have arrived as a whole; null when its end is not there yet.</summary>
    /// <exception cref="InvalidDataException">It is not HTTP/1.1, or has no Content-Length.</exception>
    public static AnswerHead? TryRead(ReadOnlySpan<byte> received)
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
            throw new InvalidDataException($"the server answers with '{Encoding.Latin1.GetString(head)}', expected HTTP/1.1 with a Content-Length");
        }

        bool closes = Ascii.EqualsIgnoreCase(FieldOf(head, "Connection: "u8), "close"u8);
        bool explains = !FieldOf(head, "Retry-After: "u8).IsEmpty && FieldOf(head, "Content-Type: "u8).SequenceEqual("application/problem+json"u8);
        return new AnswerHead(status, end + 4, length, closes, explains, LoadTesting.ServerTime.TryRead(FieldOf(head, "Server-Timing: "u8)));
    }

    /// <summary>What follows a field's name; empty where there is no such field. Proxies write names in small letters.</summary>
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
