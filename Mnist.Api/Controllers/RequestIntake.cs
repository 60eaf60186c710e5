using System.Diagnostics;
using Mnist.Api.Errors;
using Mnist.Core;
using Mnist.Core.Batching;
using Mnist.Core.Contract;

namespace Mnist.Api.Controllers;

/// <summary>What comes before any image is looked at. The cheapest refusals come first: type, length and room are decided before the body is read.</summary>
public sealed class RequestIntake(MnistOptions options, RequestParser parser, Admission admission)
{
    /// <summary>Receives a request of images.</summary>
    /// <param name="context">The request, its body unread.</param>
    /// <param name="photos">Whether the images may be of any size.</param>
    /// <param name="room">Images that the request needs room for beyond its own.</param>
    /// <param name="faults">Receives what is wrong with the content.</param>
    /// <returns>The request, whose room is the caller's to give back, or why it does not come in.</returns>
    internal async Task<(ReceivedRequest? Received, ProblemResult? Refusal)> ReceiveAsync(HttpContext context, bool photos, int room, RequestFaults faults)
    {
        var http = context.Request;
        if (MediaTypeGate.FindFault(http) is { } mediaTypeFault)
        {
            return (null, new ProblemResult(ProblemKind.UnsupportedMediaType, mediaTypeFault));
        }

        long maxBytes = photos ? options.MaxPhotoRequestBytes : options.MaxRequestBytes;
        if (http.ContentLength > maxBytes)
        {
            return (null, new ProblemResult(ProblemKind.BodyTooLarge, $"The body has {http.ContentLength} bytes; expected at most {maxBytes}."));
        }

        var reservation = photos ? admission.TryEnterPhotos(http.ContentLength ?? maxBytes) : admission.TryEnter(http.ContentLength);
        if (reservation is null)
        {
            return (null, ProblemResult.NoRoom(admission));
        }

        try
        {
            if (photos)
            {
                RequestBody.AllowPhotos(context, maxBytes);
            }

            var timeout = RequestTimeout.Read(http.Headers, options.Deadline, faults);
            var body = await RequestBody.ReadAsync(http.BodyReader, context.RequestAborted);
            long at = Stopwatch.GetTimestamp();
            var request = parser.Parse(body, photos, faults);
            http.BodyReader.AdvanceTo(body.End);

            // Photos keep the room that their bytes take until they are answered.
            int count = request is null ? 0 : Math.Min(request.Requests.Count + room, options.MaxImagesInFlight);
            if (reservation.TryResize(photos ? Math.Max(count, reservation.Images) : count))
            {
                var received = new ReceivedRequest(timeout, at, reservation) { Content = request };
                reservation = null;
                return (received, null);
            }

            return (null, ProblemResult.NoRoom(admission));
        }
        finally
        {
            reservation?.Dispose();
        }
    }
}

/// <summary>A request that came in.</summary>
/// <param name="Timeout">How long the answer is worth waiting for.</param>
/// <param name="At">When the whole body was there, as a <see cref="Stopwatch"/> timestamp.</param>
/// <param name="Reservation">Its room.</param>
internal sealed record ReceivedRequest(TimeSpan Timeout, long At, Reservation Reservation)
{
    /// <summary>Its images' files; null when there is nothing to decode, or nothing any more.</summary>
    public ClassifyRequest? Content { get; set; }
}
