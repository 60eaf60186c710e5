using System.Buffers;
using System.IO.Pipelines;

namespace Mnist.Api.Controllers;

/// <summary>Reads a body where the server received it, without a copy of its own.</summary>
internal static class RequestBody
{
    /// <summary>Waits for the whole body. The memory is the reader's until <see cref="PipeReader.AdvanceTo(SequencePosition)"/> gives it back.</summary>
    /// <exception cref="BadHttpRequestException">The body is too long, too slow or wrongly framed.</exception>
    public static async ValueTask<ReadOnlySequence<byte>> ReadAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            if (result.IsCompleted)
            {
                return result.Buffer;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
