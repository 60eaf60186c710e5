using System.Globalization;
using System.Text;

namespace Mnist.Tests.Support;

/// <summary>Bytes that a hostile or broken client sends, and how the server must answer.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Bytes">All that is sent.</param>
/// <param name="Status">The status of the answer; 0 when the connection ends without one.</param>
/// <param name="Problem">The end of the problem's type; null where the HTTP layer answers alone, without a body, or where there is nothing wrong.</param>
public sealed record BadRequest(string Name, byte[] Bytes, int Status, string? Problem = null)
{
    public const string Host = "Host: localhost\r\n";

    public const string Json = "Content-Type: application/json\r\n";

    public const string Chunked = "Transfer-Encoding: chunked\r\n";

    /// <summary>The beginning of a request for a classification.</summary>
    public const string Post = "POST /mnist/classify?probabilities=true HTTP/1.1\r\n" + Host;

    /// <summary>Whether the client says after the request that it sends no more.</summary>
    public bool EndsSending { get; init; }

    /// <summary>How many answers it must get.</summary>
    public int Answers { get; init; } = 1;

    /// <summary>The images whose answers a 200 must have, to the last bit; null where the file is lossy.</summary>
    public int[]? Digits { get; init; } = [0];

    /// <summary>What the problem's errors must name, where they matter.</summary>
    public string? Path { get; init; }

    public override string ToString() => Name;

    /// <summary>A request of these characters, one byte each.</summary>
    public static BadRequest Of(string name, string text, int status, string? problem = null) => new(name, Encoding.Latin1.GetBytes(text), status, problem);

    /// <summary>A request whose only fault is its body.</summary>
    public static BadRequest OfBody(string name, byte[] body, int status, string? problem, string? path = null) =>
        new(name, [.. Encoding.Latin1.GetBytes(Post + Json + Length(body.Length) + "\r\n"), .. body], status, problem) { Path = path };

    /// <summary>A request whose only fault is its body.</summary>
    public static BadRequest OfBody(string name, string body, int status, string? problem = null, string? path = null) =>
        OfBody(name, Encoding.UTF8.GetBytes(body), status, problem, path);

    public static string Length(long length) => string.Create(CultureInfo.InvariantCulture, $"Content-Length: {length}\r\n");

    /// <summary>One chunk.</summary>
    public static string Chunk(string content) => string.Create(CultureInfo.InvariantCulture, $"{content.Length:x}\r\n{content}\r\n");
}
