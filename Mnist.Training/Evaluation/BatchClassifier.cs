using Mnist.Core.Imaging;
using Mnist.Inference;
using Mnist.Inference.Kernels;
using Mnist.Training.Data;

namespace Mnist.Training.Evaluation;

/// <summary>A network's output for N digits.</summary>
/// <param name="Logits">[N,10].</param>
/// <param name="Escalated">Number of digits for which the first stage of a cascade was not confident; 0 for a single network.</param>
public sealed record BatchAnswer(float[] Logits, int Escalated)
{
    /// <summary>Softmax of the logits, [N,10].</summary>
    public float[] Probabilities()
    {
        float[] probabilities = new float[Logits.Length];
        Softmax.Rows(Logits, DigitImage.ClassCount, probabilities);
        return probabilities;
    }

    /// <summary>Probability of the most probable class, [N].</summary>
    public double[] Confidences() => [.. Probabilities().Chunk(DigitImage.ClassCount).Select(row => (double)row.Max())];
}

/// <summary>Classifies a whole data set in this process on all cores.</summary>
public static class BatchClassifier
{
    private const int BatchSize = 64;

    /// <summary>Classifies N digits.</summary>
    /// <param name="network">The network.</param>
    /// <param name="digits">The digits; their labels are not used.</param>
    /// <param name="progress">Called after each batch with its number of digits, from several threads.</param>
    public static BatchAnswer Classify(Network network, DigitDataset digits, Action<int>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(digits);
        float[] logits = new float[digits.Count * network.ClassCount];
        int batches = (digits.Count + BatchSize - 1) / BatchSize;
        int next = -1;
        int escalated = 0;

        // One long-lived worker per core: the thread pool would keep adding threads, and each would need a workspace.
        int workers = Math.Min(Environment.ProcessorCount, batches);
        Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, _ =>
        {
            var worker = new Worker(network);
            for (int batch = Interlocked.Increment(ref next); batch < batches; batch = Interlocked.Increment(ref next))
            {
                int start = batch * BatchSize;
                int count = Math.Min(BatchSize, digits.Count - start);
                int ofBatch = worker.Classify(
                    digits.Images.AsSpan(start * DigitImage.PixelCount, count * DigitImage.PixelCount),
                    logits.AsSpan(start * network.ClassCount, count * network.ClassCount));
                Interlocked.Add(ref escalated, ofBatch);
                progress?.Invoke(count);
            }
        });
        return new BatchAnswer(logits, escalated);
    }

    private sealed class Worker(Network network)
    {
        private readonly Workspace _workspace = network.CreateWorkspace(BatchSize);
        private readonly float[] _images = new float[BatchSize * DigitImage.PixelCount];

        /// <returns>Number of escalated images.</returns>
        public int Classify(ReadOnlySpan<byte> pixels, Span<float> logits)
        {
            var images = _images.AsSpan(0, pixels.Length);
            InputScale.ToFloat(pixels, images);
            network.Forward(images, pixels.Length / DigitImage.PixelCount, _workspace, logits);
            return _workspace.Escalated;
        }
    }
}
