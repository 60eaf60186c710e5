using System.Diagnostics;
using Mnist.Core.Batching;
using Mnist.Core.Contract;
using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Lines;

namespace Mnist.Core;

/// <summary>Reads lines of digits, one image after the other: only one of a request's lines is in memory.</summary>
public sealed class LineReader(PhotoReader photos, DynamicBatcher batcher)
{
    /// <summary>The most images of a request that are queued at a time, beside the pictures themselves.</summary>
    public const int Room = DigitLine.MaxDigits;

    /// <summary>Reads every image that is not at fault already, and adds those on which no line was found to <paramref name="faults"/>.</summary>
    /// <param name="request">The images.</param>
    /// <param name="timeout">How long the answer is worth waiting for.</param>
    /// <param name="faults">Receives what is wrong. The result is whole when there are none.</param>
    /// <param name="cancellationToken">Set when nobody waits for the answer.</param>
    /// <exception cref="DeadlineExceededException">The time has passed; what was not computed by then never will be.</exception>
    public async Task<LineAnswers> ReadAsync(ClassifyRequest request, TimeSpan timeout, ValidationErrors faults, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(faults);
        long start = Stopwatch.GetTimestamp();
        var model = batcher.Model;
        var (queueTime, inferenceTime) = (TimeSpan.Zero, TimeSpan.Zero);
        List<ReadResponseItem> responses = [];
        for (int i = 0; i < request.Requests.Count; i++)
        {
            byte[] file = request.Requests[i].Image;
            if (faults.Contains(ClassifyRequest.ImagePath(i)))
            {
                continue;
            }

            var (line, fault) = await TakeTurnAsync<(DigitLine? Line, ImageError? Fault)>(() => DigitLine.TryFind(file, out var line, out var fault) ? (line, null) : (null, fault));
            if (line is null)
            {
                faults.AddToImage(i, fault!.Message, fault.Kind);
            }
            else if (!faults.Any)
            {
                responses.Add(await ReadLineAsync(line));
            }
        }

        return new LineAnswers(new ReadResponse(responses), model.Version, queueTime, inferenceTime);

        Task<T> TakeTurnAsync<T>(Func<T> work) => photos.TakeTurnAsync("find line", work, timeout - Stopwatch.GetElapsedTime(start), cancellationToken);

        async Task<ReadResponseItem> ReadLineAsync(DigitLine line)
        {
            var (predictions, reading) = await ClassifyAsync(line);
            if (reading.Doubtful is { Count: > 0 } doubtful)
            {
                line = await TakeTurnAsync(() => line.Cut(doubtful));
                (predictions, reading) = await ClassifyAsync(line);
            }

            return ReadResponseItem.From(line, predictions, reading);
        }

        async Task<(Predictions Predictions, LineReading Reading)> ClassifyAsync(DigitLine line)
        {
            List<float> probabilities = [];
            List<OodResult> judgements = [];
            foreach (var candidates in line.Candidates.Chunk(Room))
            {
                var piece = await batcher.ClassifyAsync(
                    [.. candidates.Select(candidate => candidate.Image)], reject: true, timeout - Stopwatch.GetElapsedTime(start), cancellationToken, model);
                queueTime += piece.QueueTime;
                inferenceTime += piece.InferenceTime;
                probabilities.AddRange(Enumerable.Range(0, piece.Count).SelectMany(i => piece.Probabilities(i).ToArray()));
                judgements.AddRange(piece.OodResults ?? []);
            }

            var predictions = new Predictions([.. probabilities], model.CanReject ? judgements : null);
            return (predictions, new LineReading(line, predictions));
        }
    }
}

/// <summary>What was read of the images of a request, and how.</summary>
/// <param name="Response">The answer.</param>
/// <param name="ModelVersion">The version of the network that read all of it.</param>
/// <param name="QueueTime">What the network's batches waited for a worker.</param>
/// <param name="InferenceTime">What the workers took.</param>
public sealed record LineAnswers(ReadResponse Response, string ModelVersion, TimeSpan QueueTime, TimeSpan InferenceTime);
