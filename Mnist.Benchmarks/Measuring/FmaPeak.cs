using System.Diagnostics;
using System.Runtime.CompilerServices;
using Mnist.Inference.Kernels;

namespace Mnist.Benchmarks.Measuring;

/// <summary>Measures the peak floating-point rate of one core, with independent fused multiply-adds.</summary>
internal static class FmaPeak
{
    private const int StepsPerCall = 10_000;

    /// <summary>Independent accumulators: more than latency times number of FMA units on any x86 CPU.</summary>
    private const int Accumulators = 12;

    private static float _sink;

    private static int Lanes => VectorWidths.Best switch
    {
        VectorWidth.Vector512 => Vec512.Count,
        VectorWidth.Vector256 => Vec256.Count,
        VectorWidth.Vector128 => Vec128.Count,
        _ => VecScalar.Count,
    };

    /// <summary>Operations per second, from the seconds of one call. A multiply-add counts as two.</summary>
    public static double Rate(double secondsPerCall) => 2.0 * StepsPerCall * Accumulators * Lanes / secondsPerCall;

    /// <summary>Returns the seconds of a number of calls.</summary>
    public static double Measure(int calls)
    {
        long started = Stopwatch.GetTimestamp();
        for (int call = 0; call < calls; call++)
        {
            _sink += VectorWidths.Best switch
            {
                VectorWidth.Vector512 => Loop<Vec512>(),
                VectorWidth.Vector256 => Loop<Vec256>(),
                VectorWidth.Vector128 => Loop<Vec128>(),
                _ => Loop<VecScalar>(),
            };
        }

        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    // Calls nothing inside the loop, so the accumulators stay in registers. Every accumulator converges to 2.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Loop<TVec>()
        where TVec : struct, IVector<TVec>
    {
        TVec half = TVec.Create(0.5f), one = TVec.Create(1);
        TVec a0 = one, a1 = one, a2 = one, a3 = one, a4 = one, a5 = one, a6 = one, a7 = one, a8 = one, a9 = one, a10 = one, a11 = one;
        for (int step = 0; step < StepsPerCall; step++)
        {
            a0 = TVec.MultiplyAdd(a0, half, one);
            a1 = TVec.MultiplyAdd(a1, half, one);
            a2 = TVec.MultiplyAdd(a2, half, one);
            a3 = TVec.MultiplyAdd(a3, half, one);
            a4 = TVec.MultiplyAdd(a4, half, one);
            a5 = TVec.MultiplyAdd(a5, half, one);
            a6 = TVec.MultiplyAdd(a6, half, one);
            a7 = TVec.MultiplyAdd(a7, half, one);
            a8 = TVec.MultiplyAdd(a8, half, one);
            a9 = TVec.MultiplyAdd(a9, half, one);
            a10 = TVec.MultiplyAdd(a10, half, one);
            a11 = TVec.MultiplyAdd(a11, half, one);
        }

        var low = TVec.Add(TVec.Add(TVec.Add(a0, a1), TVec.Add(a2, a3)), TVec.Add(a4, a5));
        var high = TVec.Add(TVec.Add(TVec.Add(a6, a7), TVec.Add(a8, a9)), TVec.Add(a10, a11));
        Span<float> sums = stackalloc float[TensorLayout.Lanes];
        TVec.Store(TVec.Add(low, high), ref sums[0], 0);
        return sums[0];
    }
}
