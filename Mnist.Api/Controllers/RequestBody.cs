using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using MinDataRate = Microsoft.AspNetCore.Server.Kestrel.Core.MinDataRate;

namespace Mnist.Api.Controllers;

/// <summary>Reads a body where the server received it, without a copy of its own.</summary>
internal static class RequestBody
{
    /// <summary>Photos are fast to send for their length: a client that holds as much room as one takes must send faster.</summary>
    private static readonly MinDataRate PhotoRate = new(bytesPerSecond: 16 * 1024, gracePeriod: TimeSpan.FromSeconds(2));

    /// <summary>Lets a longer body in, in a time that is not longer for it. Before the body is read.</summary>
    public static void AllowPhotos(IFeatureCollection features, long maxBytes)
    {
        features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = maxBytes;
        features.GetRequiredFeature<IHttpMinRequestBodyDataRateFeature>().MinDataRate = PhotoRate;
    }

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
