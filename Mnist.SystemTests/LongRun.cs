using System.Globalization;

namespace Mnist.SystemTests;

/// <summary>
/// How far the tests of this folder go: a moment in every run of the tests; to the full with MNIST_LONG=1, which is what eng/long-tests.sh sets, or
/// to a part of it with MNIST_LONG=0.1.
/// </summary>
internal static class LongRun
{
    private const string Variable = "MNIST_LONG";

    private static readonly double Share = double.Parse(Environment.GetEnvironmentVariable(Variable) ?? "0", CultureInfo.InvariantCulture);

    /// <summary>Whether figures mean something: the counts are full, and nothing else uses the machine.</summary>
    public static bool IsFull => Share >= 1;

    public static int Count(int quick, int full) => Math.Max(quick, (int)(full * Share));

    /// <summary>Tells a result at once: a run may take hours.</summary>
    public static void Report(FormattableString line) =>
        TestContext.Progress.WriteLine($"{TestContext.CurrentContext.Test.MethodName}: {line.ToString(CultureInfo.InvariantCulture)}");
}
