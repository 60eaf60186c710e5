using Mnist.Inference;
using Mnist.Training.Data;

namespace Mnist.Training.Evaluation;

/// <summary>Classifies a whole data set in this process, on all cores.</summary>
public static class BatchClassifier
{
    private const int BatchSize = 64;

    /// <inheritdoc cref="Logits"/>
    /// <summary>Probabilities [N,10] of N digits.</summary>
    public static float[] Probabilities(Network network, DigitDataset digits, Action<int>? progress = null)
    {
        float[] probabilities = Logits(network, digits, progress);
        Softmax.Rows(probabilities, network.ClassCount, probabilities);
        return probabilities;
    }

    /// <summary>Logits [N,10] of N digits.</summary>
    /// <param name="network">The network.</param>
    /// <param name="digits">The digits; their labels are not looked at.</param>
    /// <param name="progress">Told the number of digits after each batch, from several threads.</param>
    public static float[] Logits(Network network, DigitDataset digits, Action<int>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(digits);
        float[] logits = new float[digits.Count * network.ClassCount];
        int batches = (digits.Count + BatchSize - 1) / BatchSize;
        int next = -1;
        // One long-lived worker a core: the thread pool would start new ones, each with a workspace to fill, for as long as there is work.
        int workers = Math.Min(Environment.ProcessorCount, batches);
        Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, _ =>
        {
            var worker = new Worker(network);
            for (int batch = Interlocked.Increment(ref next); batch < batches; batch = Interlocked.Increment(ref next))
            {
                int start = batch * BatchSize;
                int count = Math.Min(BatchSize, digits.Count - start);
                worker.Classify(
                    digits.Images.AsSpan(start * DigitDataset.PixelCount, count * DigitDataset.PixelCount),
                    logits.AsSpan(start * network.ClassCount, count * network.ClassCount));
                progress?.Invoke(count);
            }
        });
        return logits;
    }

    private sealed class Worker(Network network)
    {
        private readonly Workspace _workspace = network.CreateWorkspace(BatchSize);
        private readonly float[] _images = new float[BatchSize * DigitDataset.PixelCount];

        public void Classify(ReadOnlySpan<byte> pixels, Span<float> logits)
        {
            var images = _images.AsSpan(0, pixels.Length);
            InputScale.ToFloat(pixels, images);
            network.Forward(images, pixels.Length / DigitDataset.PixelCount, _workspace, logits);
        }
    }
}
