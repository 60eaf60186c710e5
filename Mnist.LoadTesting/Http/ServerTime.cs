using System.Buffers.Text;

namespace Mnist.LoadTesting.Http;

/// <summary>The server's own times of a request, from the response field <c>Server-Timing</c>; microseconds.</summary>
/// <param name="Decode">From the arrival of the body to the decoded images.</param>
/// <param name="Queue">From there until a worker took the first image.</param>
/// <param name="Inference">In the engine.</param>
internal readonly record struct ServerTime(double Decode, double Queue, double Inference)
{
    /// <param name="field">Such as <c>decode;dur=0.18, queue;dur=0.12, inference;dur=0.23</c>, in milliseconds.</param>
    /// <returns>Null if one of the three is missing.</returns>
    public static ServerTime? TryRead(ReadOnlySpan<byte> field) =>
        TryRead(field, "decode;dur="u8, out double decode) && TryRead(field, "queue;dur="u8, out double queue) && TryRead(field, "inference;dur="u8, out double inference)
            ? new ServerTime(decode, queue, inference)
            : null;

    public static ServerTime operator +(ServerTime left, ServerTime right) =>
        new(left.Decode + right.Decode, left.Queue + right.Queue, left.Inference + right.Inference);

    public static ServerTime operator /(ServerTime sum, int count) => new(sum.Decode / count, sum.Queue / count, sum.Inference / count);

    private static bool TryRead(ReadOnlySpan<byte> field, ReadOnlySpan<byte> name, out double microseconds)
    {
        int start = field.IndexOf(name);
        bool found = Utf8Parser.TryParse(start < 0 ? [] : field[(start + name.Length)..], out double milliseconds, out _);
        microseconds = 1e3 * milliseconds;
        return found;
    }
}
