using System.Buffers;
using System.IO.Pipelines;

namespace Mnist.Api.Controllers;

/// <summary>Reads a body where the server received it, without a copy of its own.</summary>
internal static class RequestBody
{
    /// <summary>Waits for the whole body and hands it to <paramref name="parse"/>; the memory is given back afterwards.</summary>
    /// <exception cref="BadHttpRequestException">The body is too long, too slow or wrongly framed.</exception>
    public static async Task<T> ReadAsync<T>(PipeReader reader, Func<ReadOnlySequence<byte>, T> parse, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            if (result.IsCompleted)
            {
                var parsed = parse(result.Buffer);
                reader.AdvanceTo(result.Buffer.End);
                return parsed;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
