using System.Globalization;

namespace Mnist.SystemTests;

/// <summary>
/// Length of the load and fault tests: seconds by default, full length with MNIST_LONG=1, which eng/long-tests.sh sets, and a tenth of it with
/// MNIST_LONG=0.1.
/// </summary>
internal static class LongRun
{
    private const string Variable = "MNIST_LONG";

    private static readonly double Share = double.Parse(Environment.GetEnvironmentVariable(Variable) ?? "0", CultureInfo.InvariantCulture);

    /// <summary>Whether the run has full length on a machine that does nothing else, so that its figures can be asserted.</summary>
    public static bool IsFull => Share >= 1;

    public static int Count(int quick, int full) => Math.Max(quick, (int)(full * Share));

    /// <summary>Prints a result at once, because a run may take hours.</summary>
    public static void Report(FormattableString line) =>
        TestContext.Progress.WriteLine($"{TestContext.CurrentContext.Test.MethodName}: {line.ToString(CultureInfo.InvariantCulture)}");
}
