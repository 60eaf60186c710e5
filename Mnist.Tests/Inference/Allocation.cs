namespace Mnist.Tests.Inference;

internal static class Allocation
{
    /// <summary>Bytes that a call allocates: the minimum of some calls, because the runtime itself allocates when it loads or recompiles a method.</summary>
    public static long LeastOf(Action call) => Enumerable.Range(0, 5).Min(_ =>
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        call();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    });
}
