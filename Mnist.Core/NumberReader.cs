using System.Globalization;
using Mnist.Core.Batching;
using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Lines;
using Mnist.Core.Metrics;
using Mnist.Core.Models;
using Mnist.Core.Requests;

namespace Mnist.Core;

/// <summary>Reads numbers: lines of several digits, one image after the other, so that only one line of a request is in memory.</summary>
public sealed class NumberReader(PhotoLimiter photos, DynamicBatcher batcher, ServerMetrics metrics)
{
    /// <summary>Reads all images of a request, or says everything that is wrong with it.</summary>
    /// <exception cref="DeadlineExceededException">The deadline passed; what was not computed by then never is.</exception>
    /// <exception cref="OperationCanceledException">The client has gone, or the batcher has stopped.</exception>
    public async Task<Result<Answer<ReadResponse>>> ReadAsync(ImageRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var reading = new RequestReading(photos, batcher, request, cancellationToken);
        List<ReadResponseItem> responses = [];
        for (int i = 0; i < request.Files.Count; i++)
        {
            if (request.HasError(i))
            {
                continue;
            }

            byte[] file = request.Files[i];
            var (line, error) = await reading.RunAsync<(DigitLine?, ImageError?)>(() => DigitLine.TryFind(file, out var line, out var error) ? (line, null) : (null, error));
            if (line is null)
            {
                request.Errors.AddImageError(i, error!);
            }
            else if (!request.Errors.Any)
            {
                responses.Add(await reading.ReadAsync(line));
            }
        }

        if (request.Errors.Any)
        {
            return request.Errors;
        }

        var timings = reading.Timings;
        metrics.RecordDecode(timings.Decode, normalized: true);
        metrics.CountPredictions([.. responses.SelectMany(line => line.Digits)]);
        return new Answer<ReadResponse>(new ReadResponse(responses), reading.Model.Version, timings);
    }

    /// <summary>One request on its way: all of it is read by the same version of the model.</summary>
    private sealed class RequestReading(PhotoLimiter photos, DynamicBatcher batcher, ImageRequest request, CancellationToken cancellationToken)
    {
        private TimeSpan _batcherTime;
        private TimeSpan _queueTime;
        private TimeSpan _inferenceTime;

        public DigitModel Model { get; } = batcher.Model;

        public Timings Timings => new(request.Deadline.Elapsed - _batcherTime, _queueTime, _inferenceTime);

        public Task<T> RunAsync<T>(Func<T> work) => photos.RunAsync("find line", work, request.Deadline, cancellationToken);

        public async Task<ReadResponseItem> ReadAsync(DigitLine line)
        {
            var (predictions, reading) = await ClassifyAsync(line);
            if (reading.Doubtful is { Count: > 0 } doubtful)
            {
                line = await RunAsync(() => line.Cut(doubtful));
                (predictions, reading) = await ClassifyAsync(line);
            }

            return Respond(line, predictions, reading);
        }

        private async Task<(Predictions Predictions, LineReading Reading)> ClassifyAsync(DigitLine line)
        {
            List<float> probabilities = [];
            List<OodResult> oodResults = [];
            foreach (var candidates in line.Candidates.Chunk(DigitLine.MaxDigits))
            {
                var before = request.Deadline.Elapsed;
                var part = await batcher.ClassifyAsync([.. candidates.Select(candidate => candidate.Image)], Model.HasOodDetector, Model, request.Deadline, cancellationToken);
                _batcherTime += request.Deadline.Elapsed - before;
                _queueTime += part.QueueTime;
                _inferenceTime += part.InferenceTime;
                probabilities.AddRange(Enumerable.Range(0, part.Count).SelectMany(i => part.Probabilities(i).ToArray()));
                oodResults.AddRange(part.OodResults ?? []);
            }

            var predictions = new Predictions([.. probabilities], Model.HasOodDetector ? oodResults : null);
            return (predictions, new LineReading(line, predictions));
        }

        private static ReadResponseItem Respond(DigitLine line, Predictions predictions, LineReading reading)
        {
            ClassifyResponseItem[] digits = [.. reading.Digits.Select(candidate =>
            {
                var (digit, probability) = predictions[candidate];
                return new ClassifyResponseItem(digit, probability) { Box = line.Candidates[candidate].Image.Source };
            })];
            return new ReadResponseItem(
                string.Concat(digits.Select(digit => digit.Class.ToString(CultureInfo.InvariantCulture))),
                digits.Aggregate(1f, (product, digit) => product * digit.Probability),
                digits);
        }
    }
}
