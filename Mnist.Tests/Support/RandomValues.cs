namespace Mnist.Tests.Support;

/// <summary>Random input of kernels.</summary>
internal static class RandomValues
{
    /// <summary>Values from -1 to 1, the same for the same seed.</summary>
    public static float[] Create(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }
}
