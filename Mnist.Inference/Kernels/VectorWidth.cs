using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Mnist.Inference.Kernels;

/// <summary>Vector width of the kernels.</summary>
public enum VectorWidth
{
    Scalar,
    Vector128,
    Vector256,
    Vector512,
}

/// <summary>Chooses the vector width when a network is loaded.</summary>
public static class VectorWidths
{
    /// <summary>Environment variable that forces a width by its name, such as <c>Vector256</c>.</summary>
    public const string Variable = "MNIST_SIMD";

    /// <summary>Whether the CPU has 32 vector registers instead of 16: with AVX-512VL (also for 256-bit vectors) and on Arm.</summary>
    internal static bool HasManyRegisters => Avx512F.VL.IsSupported || AdvSimd.IsSupported;

    /// <summary>
    /// Whether a * b + c is rounded once; all widths are then bit-identical. Without FMA instructions a fused product would be computed in software,
    /// hundreds of times slower, so the kernels multiply and add instead.
    /// </summary>
    public static bool HasFusedMultiplyAdd => Fma.IsSupported || AdvSimd.IsSupported;

    /// <summary>The width that <see cref="Variable"/> names, otherwise the widest with hardware acceleration.</summary>
    /// <exception cref="InvalidOperationException">The variable is set to something else; the message lists the widths.</exception>
    public static VectorWidth Best => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } name
        ? Parse(name)
        : Vector512.IsHardwareAccelerated ? VectorWidth.Vector512
        : Vector256.IsHardwareAccelerated ? VectorWidth.Vector256
        : Vector128.IsHardwareAccelerated ? VectorWidth.Vector128
        : VectorWidth.Scalar;

    internal static VectorWidth Parse(string name) => Enum.TryParse(name, ignoreCase: true, out VectorWidth width) && Enum.IsDefined(width)
        ? width
        : throw new InvalidOperationException($"{Variable} is '{name}', expected one of {string.Join(", ", Enum.GetNames<VectorWidth>())}");
}
