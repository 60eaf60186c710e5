using System.Buffers.Text;
using System.Text;

namespace Mnist.Benchmarks.Http;

/// <summary>As much of an HTTP/1.1 answer as the generator needs: where it ends and what its status is.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="BodyStart">Offset of the body.</param>
/// <param name="BodyLength">Bytes of the body, by Content-Length.</param>
/// <param name="Closes">Whether the server closes the connection after this answer.</param>
internal readonly record struct AnswerHead(int Status, int BodyStart, int BodyLength, bool Closes)
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
            || !Utf8Parser.TryParse(FieldOf(head, "\r\nContent-Length: "u8), out int length, out _))
        {
            throw new InvalidDataException($"the server answers with '{Encoding.Latin1.GetString(head)}', expected HTTP/1.1 with a Content-Length");
        }

        return new AnswerHead(status, end + 4, length, FieldOf(head, "\r\nConnection: "u8).StartsWith("close"u8));
    }

    /// <summary>What follows a field's name, up to the end of the head; empty where there is no such field.</summary>
    private static ReadOnlySpan<byte> FieldOf(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name) =>
        head.IndexOf(name) is var start and >= 0 ? head[(start + name.Length)..] : [];
}
