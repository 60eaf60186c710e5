using System.Runtime.CompilerServices;

namespace Mnist.Inference.Kernels;

/// <summary>Compiler options of the kernels.</summary>
internal static class CompileAs
{
    /// <summary>
    /// For a loop over vectors. AggressiveOptimization: the lower tiers run vector code a hundred times slower, and under load for a long time.
    /// NoInlining: PGO would inline the loop into a hot caller and exhaust the inlining budget; later vector operations become calls with their operands
    /// in memory, and a single image takes twice as long.
    /// </summary>
    public const MethodImplOptions Kernel = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
}
