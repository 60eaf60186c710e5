using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Mnist.Api.Kestrel;
using Mnist.Core.Admission;
using Mnist.Core.Requests;
using MinDataRate = Microsoft.AspNetCore.Server.Kestrel.Core.MinDataRate;

namespace Mnist.Api.Intake;

/// <summary>Reads a body where the server received it, without a copy.</summary>
internal static class RequestBody
{
    /// <summary>At this rate the longest body of photos takes a quarter of an hour.</summary>
    private static readonly MinDataRate PhotoRate = new(bytesPerSecond: 16 * 1024, KestrelSetup.UploadGrace);

    /// <summary>Sets the longest body, and for photos the lowest rate. To be called before the body is read.</summary>
    public static void Limit(HttpContext context, long maxBytes, RequestKind kind)
    {
        // The requests of the warm-up have no connection, and so no such feature.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { } size)
        {
            size.MaxRequestBodySize = maxBytes;
        }

        // HTTP/2 has one rate for all requests of a connection.
        if (kind.IsPhoto && !HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            context.Features.GetRequiredFeature<IHttpMinRequestBodyDataRateFeature>().MinDataRate = PhotoRate;
        }
    }

    /// <summary>
    /// Waits for the whole body. One that takes longer than the grace period keeps its capacity only while all slow uploads hold at most half of it. The memory
    /// belongs to the reader until <see cref="PipeReader.AdvanceTo(SequencePosition)"/>.
    /// </summary>
    /// <returns>Null where the lease is revoked because slow uploads hold too much already.</returns>
    /// <exception cref="BadHttpRequestException">The body is too long, too slow or wrongly framed.</exception>
    public static async ValueTask<ReadOnlySequence<byte>?> ReadAsync(PipeReader reader, AdmissionLease lease, CancellationToken cancellationToken)
    {
        var reading = ReadToEndAsync(reader, lease, cancellationToken);
        if (reading.IsCompleted)
        {
            return await reading;
        }

        var task = reading.AsTask();
        try
        {
            return await task.WaitAsync(KestrelSetup.UploadGrace, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            if (!lease.TryBeginSlowUpload())
            {
                reader.CancelPendingRead();
            }

            var body = await task;
            lease.EndSlowUpload();
            return body;
        }
    }

    private static async ValueTask<ReadOnlySequence<byte>?> ReadToEndAsync(PipeReader reader, AdmissionLease lease, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            if (result.IsCompleted)
            {
                return result.Buffer;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);

            // The server also cancels reads when it begins to stop; that ends no request.
            if (result.IsCanceled && lease.IsRevoked)
            {
                return null;
            }
        }
    }
}
