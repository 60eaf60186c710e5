namespace Mnist.Tests.Inference;

internal static class Allocation
{
    /// <summary>Bytes that a call allocates. The runtime itself allocates when it loads or recompiles a method: the least of some calls is what the engine needs.</summary>
    public static long LeastOf(Action call) => Enumerable.Range(0, 5).Min(_ =>
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        call();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    });
}
