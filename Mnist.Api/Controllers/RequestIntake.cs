using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
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
    internal async Task<(ReceivedRequest? Received, ProblemResult? Refusal)> ReceiveAsync(HttpContext context, bool photos, int room, ValidationErrors faults)
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
            RequestBody.Limit(context, maxBytes, photos);
            var timeout = RequestTimeout.Read(http.Headers, options.Deadline, faults);
            var reading = RequestBody.ReadAsync(http.BodyReader, reservation, context.RequestAborted);
            if (await (reading.IsCompleted ? reading : ReceiveAsync(reading.AsTask(), http.BodyReader, reservation)) is not { } body)
            {
                return (null, ProblemResult.NoRoom(admission));
            }

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

    /// <summary>Waits for a body that is not there yet. One that takes long keeps its room only while all that do hold no more than half of it.</summary>
    /// <returns>Null where it may not wait any longer.</returns>
    private static async ValueTask<ReadOnlySequence<byte>?> ReceiveAsync(Task<ReadOnlySequence<byte>?> reading, PipeReader reader, AdmissionLease reservation)
    {
        try
        {
            return await reading.WaitAsync(RequestBody.Grace);
        }
        catch (TimeoutException)
        {
            if (!reservation.TryLinger())
            {
                reader.CancelPendingRead();
            }

            var body = await reading;
            reservation.Arrive();
            return body;
        }
    }
}

/// <summary>A request that came in.</summary>
/// <param name="Timeout">How long the answer is worth waiting for.</param>
/// <param name="At">When the whole body was there, as a <see cref="Stopwatch"/> timestamp.</param>
/// <param name="AdmissionLease">Its room.</param>
internal sealed record ReceivedRequest(TimeSpan Timeout, long At, AdmissionLease AdmissionLease)
{
    /// <summary>Its images' files; null when there is nothing to decode, or nothing any more.</summary>
    public ClassifyRequest? Content { get; set; }
}
