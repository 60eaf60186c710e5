namespace Mnist.Inference.Plan;

/// <summary>
/// The second half of a cascade's forward pass, with its memory. The first member has answered every image; of the images that it is not
/// sure of, all members give their logits, and the mean of those, divided by a temperature, is the answer.
/// </summary>
/// <remarks>
/// Every image is judged by its own logits alone, and everything between the members' forward passes is double precision, one number after
/// the other: an image gets the same bits in every batch and at every vector width, as it does from one network.
/// </remarks>
internal sealed class Cascade(
    CascadeRule rule, (NetworkPlan Plan, Activations Activations)[] others, int maxBatchSize, int imageSize, int classCount)
{
    private readonly int[] _places = new int[maxBatchSize];                // [K], of the images that are asked again, in the batch
    private readonly float[] _images = new float[maxBatchSize * imageSize];   // [K, H, W, C]
    private readonly float[] _logits = new float[maxBatchSize * classCount];  // [K, classes], of one member
    private readonly double[] _sums = new double[maxBatchSize * classCount];  // [K, classes], over the members

    /// <param name="images">[N, H, W, C].</param>
    /// <param name="batchSize">N.</param>
    /// <param name="logits">[N, classes]: those of the first member; rows that it is not sure of are replaced.</param>
    /// <returns>K, the number of rows that were replaced.</returns>
    public int AskAgain(ReadOnlySpan<float> images, int batchSize, Span<float> logits)
    {
        int count = Gather(images, batchSize, logits);
        if (count == 0)
        {
            return 0;
        }

        foreach (var (plan, activations) in others)
        {
            var another = _logits.AsSpan(0, count * classCount);
            activations.Run(plan, _images.AsSpan(0, count * imageSize), count, another);
            for (int i = 0; i < another.Length; i++)
            {
                _sums[i] += another[i];
            }
        }

        Scatter(count, logits);
        return count;
    }

    /// <summary>Brings the images that the first member is not sure of together, so that the others take them as one batch.</summary>
    private int Gather(ReadOnlySpan<float> images, int batchSize, ReadOnlySpan<float> logits)
    {
        int count = 0;
        for (int image = 0; image < batchSize; image++)
        {
            var row = logits.Slice(image * classCount, classCount);

            // Written so that not-a-number is not sure, either.
            if (!(Softmax.LargestProbability(row) >= rule.Threshold))
            {
                images.Slice(image * imageSize, imageSize).CopyTo(_images.AsSpan(count * imageSize));
                for (int i = 0; i < classCount; i++)
                {
                    _sums[(count * classCount) + i] = row[i];
                }

                _places[count] = image;
                count++;
            }
        }

        return count;
    }

    private void Scatter(int count, Span<float> logits)
    {
        double divisor = (others.Length + 1) * rule.Temperature;
        for (int i = 0; i < count * classCount; i++)
        {
            logits[(_places[i / classCount] * classCount) + (i % classCount)] = (float)(_sums[i] / divisor);
        }
    }
}
