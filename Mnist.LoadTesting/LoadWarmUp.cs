namespace Mnist.LoadTesting;

/// <summary>Repeats a run until its rate no longer rises: then the last tier of the JIT compiler is in use.</summary>
internal static class LoadWarmUp
{
    /// <summary>A run counts as faster if its rate exceeds the best one before by this share.</summary>
    private const double MinGain = 0.05;

    private const int MaxRuns = 10;

    /// <param name="run">Runs for a while and returns its rate.</param>
    public static void Run(Func<double> run)
    {
        double best = 0;
        double rate = run();
        for (int count = 1; count < MaxRuns && rate > best * (1 + MinGain); count++)
        {
            best = rate;
            rate = run();
        }
    }
}
