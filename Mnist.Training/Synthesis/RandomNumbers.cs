namespace Mnist.Training.Synthesis;

/// <summary>Reproducible random numbers.</summary>
internal static class RandomNumbers
{
    /// <summary>Mixes the three values into a seed; System.HashCode would differ from process to process.</summary>
    public static int Seed(int seed, int epoch, int image)
    {
        ulong hash = (((ulong)(uint)seed * 0x9E3779B97F4A7C15) + (uint)epoch) * 0xBF58476D1CE4E5B9;
        hash = ((hash ^ (hash >> 31)) + (uint)image) * 0x94D049BB133111EB;
        return (int)(hash >> 33);
    }

    /// <summary>Two independent, normally distributed numbers with mean 0 (Box and Muller 1958).</summary>
    public static (double First, double Second) NextNormals(this Random random, double deviation)
    {
        double radius = deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
        var (sine, cosine) = Math.SinCos(2 * Math.PI * random.NextDouble());
        return (radius * cosine, radius * sine);
    }
}
