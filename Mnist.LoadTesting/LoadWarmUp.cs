namespace Mnist.LoadTesting;

/// <summary>Runs something until it is no longer getting faster: the compiler's last tier is in use.</summary>
internal static class LoadWarmUp
{
    /// <summary>A slice is faster than the ones before if it is so by this share.</summary>
    private const double StillFaster = 0.05;

    private const int MaxSlices = 10;

    /// <param name="run">Runs a slice of time and tells its rate.</param>
    public static void Run(Func<double> run)
    {
        double best = 0;
        double rate = run();
        for (int slice = 1; slice < MaxSlices && rate > best * (1 + StillFaster); slice++)
        {
            best = rate;
            rate = run();
        }
    }
}
