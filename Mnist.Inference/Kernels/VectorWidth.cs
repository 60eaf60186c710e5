using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Mnist.Inference.Kernels;

/// <summary>Vector width that the kernels are compiled for.</summary>
public enum VectorWidth
{
    Scalar,
    Vector128,
    Vector256,
    Vector512,
}

/// <summary>Chooses the vector width, once, when a network is loaded.</summary>
public static class VectorWidths
{
    /// <summary>Environment variable that forces a width by its name, such as <c>Vector256</c>.</summary>
    public const string Variable = "MNIST_SIMD";

    /// <summary>Whether there are 32 vector registers, as with AVX-512, even where vectors of 256 bits are faster, and on Arm, and not 16.</summary>
    internal static bool HasManyRegisters => Avx512F.VL.IsSupported || AdvSimd.IsSupported;

    /// <summary>
    /// Whether a * b + c is rounded once. All widths then agree to the bit. Without the instruction a fused product would be computed in
    /// software, hundreds of times slower, so the kernels multiply and add instead.
    /// </summary>
    public static bool HasFusedMultiplyAdd => Fma.IsSupported || AdvSimd.IsSupported;

    /// <summary>The width that <see cref="Variable"/> names, else the widest that this CPU computes in hardware.</summary>
    /// <exception cref="InvalidOperationException">The variable names no width.</exception>
    public static VectorWidth Best => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } name
        ? Parse(name)
        : Vector512.IsHardwareAccelerated ? VectorWidth.Vector512
        : Vector256.IsHardwareAccelerated ? VectorWidth.Vector256
        : Vector128.IsHardwareAccelerated ? VectorWidth.Vector128
        : VectorWidth.Scalar;

    internal static VectorWidth Parse(string name) => Enum.TryParse(name, ignoreCase: true, out VectorWidth path) && Enum.IsDefined(path)
        ? path
        : throw new InvalidOperationException($"{Variable} is '{name}', expected one of {string.Join(", ", Enum.GetNames<VectorWidth>())}");
}
