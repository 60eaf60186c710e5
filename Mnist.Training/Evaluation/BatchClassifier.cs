using Mnist.Inference;
using Mnist.Inference.Kernels;
using Mnist.Training.Data;

namespace Mnist.Training.Evaluation;

/// <summary>What a network said about N digits.</summary>
/// <param name="Logits">[N,10].</param>
/// <param name="AskedAgain">Of how many digits the first member of a cascade was not sure; 0 for a single network.</param>
public sealed record BatchAnswer(float[] Logits, int AskedAgain)
{
    /// <summary>[N,10].</summary>
    public float[] Probabilities()
    {
        float[] probabilities = new float[Logits.Length];
        Softmax.Rows(Logits, DigitDataset.ClassCount, probabilities);
        return probabilities;
    }

    /// <summary>[N]: the probability of the most probable class.</summary>
    public double[] Confidences() => [.. Probabilities().Chunk(DigitDataset.ClassCount).Select(row => (double)row.Max())];
}

/// <summary>Classifies a whole data set in this process, on all cores.</summary>
public static class BatchClassifier
{
    private const int BatchSize = 64;

    /// <summary>Takes N digits through the network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="digits">The digits; their labels are not looked at.</param>
    /// <param name="progress">Told the number of digits after each batch, from several threads.</param>
    public static BatchAnswer Classify(Network network, DigitDataset digits, Action<int>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(digits);
        float[] logits = new float[digits.Count * network.ClassCount];
        int batches = (digits.Count + BatchSize - 1) / BatchSize;
        int next = -1;
        int askedAgain = 0;
        // One long-lived worker a core: the thread pool would start new ones, each with a workspace to fill, for as long as there is work.
        int workers = Math.Min(Environment.ProcessorCount, batches);
        Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, _ =>
        {
            var worker = new Worker(network);
            for (int batch = Interlocked.Increment(ref next); batch < batches; batch = Interlocked.Increment(ref next))
            {
                int start = batch * BatchSize;
                int count = Math.Min(BatchSize, digits.Count - start);
                int asked = worker.Classify(
                    digits.Images.AsSpan(start * DigitDataset.PixelCount, count * DigitDataset.PixelCount),
                    logits.AsSpan(start * network.ClassCount, count * network.ClassCount));
                Interlocked.Add(ref askedAgain, asked);
                progress?.Invoke(count);
            }
        });
        return new BatchAnswer(logits, askedAgain);
    }

    private sealed class Worker(Network network)
    {
        private readonly Workspace _workspace = network.CreateWorkspace(BatchSize);
        private readonly float[] _images = new float[BatchSize * DigitDataset.PixelCount];

        /// <returns>Of how many images the first member of a cascade was not sure.</returns>
        public int Classify(ReadOnlySpan<byte> pixels, Span<float> logits)
        {
            var images = _images.AsSpan(0, pixels.Length);
            InputScale.ToFloat(pixels, images);
            network.Forward(images, pixels.Length / DigitDataset.PixelCount, _workspace, logits);
            return _workspace.Escalated;
        }
    }
}
