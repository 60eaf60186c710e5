using System.Runtime.CompilerServices;

namespace Mnist.Inference.Kernels;

/// <summary>How the runtime is to compile a method.</summary>
internal static class CompileAs
{
    /// <summary>
    /// A loop over vectors. Optimised at its first call: the tiers before would run a hundred times slower, and under load for long. Never inlined: a
    /// caller that a profile shows to be hot would take it in until the compiler's budget is spent, and from there on every operation on a vector is a
    /// call, with its operands in memory. One image alone then takes twice as long.
    /// </summary>
    public const MethodImplOptions Kernel = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
}
