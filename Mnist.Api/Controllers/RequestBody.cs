using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using MinDataRate = Microsoft.AspNetCore.Server.Kestrel.Core.MinDataRate;

namespace Mnist.Api.Controllers;

/// <summary>Reads a body where the server received it, without a copy of its own.</summary>
internal static class RequestBody
{
    /// <summary>The longest body of photos takes a quarter of an hour, as the longest one of digits does at its own rate.</summary>
    private static readonly MinDataRate PhotoRate = new(bytesPerSecond: 16 * 1024, gracePeriod: TimeSpan.FromSeconds(2));

    /// <summary>Lets a longer body in, and waits no longer for it. To be called before the body is read.</summary>
    public static void AllowPhotos(HttpContext context, long maxBytes)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = maxBytes;

        // HTTP/2 has one rate for all requests of a connection.
        if (!HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            context.Features.GetRequiredFeature<IHttpMinRequestBodyDataRateFeature>().MinDataRate = PhotoRate;
        }
    }

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
