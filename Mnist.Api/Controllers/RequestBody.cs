using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Mnist.Core.Batching;
using MinDataRate = Microsoft.AspNetCore.Server.Kestrel.Core.MinDataRate;

namespace Mnist.Api.Controllers;

/// <summary>Reads a body where the server received it, without a copy of its own.</summary>
internal static class RequestBody
{
    /// <summary>Until then a body may be as slow as it likes.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>The longest body of photos takes a quarter of an hour.</summary>
    private static readonly MinDataRate PhotoRate = new(bytesPerSecond: 16 * 1024, Grace);

    /// <summary>Takes no longer body than that, and photos no slower. To be called before the body is read.</summary>
    public static void Limit(HttpContext context, long maxBytes, bool photos)
    {
        // The requests of the warm-up come over no connection.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { } size)
        {
            size.MaxRequestBodySize = maxBytes;
        }

        // HTTP/2 has one rate for all requests of a connection.
        if (photos && !HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            context.Features.GetRequiredFeature<IHttpMinRequestBodyDataRateFeature>().MinDataRate = PhotoRate;
        }
    }

    /// <summary>Waits for the whole body. The memory is the reader's until <see cref="PipeReader.AdvanceTo(SequencePosition)"/> gives it back.</summary>
    /// <returns>Null where <see cref="PipeReader.CancelPendingRead"/> ended the wait for a request that is turned away.</returns>
    /// <exception cref="BadHttpRequestException">The body is too long, too slow or wrongly framed.</exception>
    public static async ValueTask<ReadOnlySequence<byte>?> ReadAsync(PipeReader reader, AdmissionLease reservation, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            if (result.IsCompleted)
            {
                return result.Buffer;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);

            // The server cancels reads as well, when it begins to stop: that ends no request.
            if (result.IsCanceled && reservation.IsTurnedAway)
            {
                return null;
            }
        }
    }
}
