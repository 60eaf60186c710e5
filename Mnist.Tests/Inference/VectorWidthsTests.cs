using System.Runtime.Intrinsics;
using Mnist.Inference.Kernels;

namespace Mnist.Tests.Inference;

[TestFixture]
internal sealed class VectorWidthsTests
{
    /// <summary>Variable with the width, and <c>+Fma</c>, that the run's hardware switch must leave; a switch without effect would test nothing.</summary>
    private const string ExpectedVariable = "MNIST_TEST_EXPECTED_SIMD";

    [Test]
    public void Best_WithAHardwareSwitch_IsTheWidestLeft()
    {
        string? expected = Environment.GetEnvironmentVariable(ExpectedVariable);
        if (expected is null)
        {
            Assert.Ignore($"{ExpectedVariable} is not set: no hardware switch to check.");
        }

        string[] parts = expected.Split('+');
        Assert.That(VectorWidths.Best.ToString(), Is.EqualTo(parts[0]));
        Assert.That(VectorWidths.HasFusedMultiplyAdd, Is.EqualTo(parts.Contains("Fma")));
    }

    [Test]
    public void Best_WithoutTheVariable_IsTheWidestOfTheCpu()
    {
        Assume.That(Environment.GetEnvironmentVariable(VectorWidths.Variable), Is.Null.Or.Empty);
        var widest = Vector512.IsHardwareAccelerated ? VectorWidth.Vector512
            : Vector256.IsHardwareAccelerated ? VectorWidth.Vector256
            : Vector128.IsHardwareAccelerated ? VectorWidth.Vector128
            : VectorWidth.Scalar;
        Assert.That(VectorWidths.Best, Is.EqualTo(widest));
    }

    [TestCase("Vector256", VectorWidth.Vector256)]
    [TestCase("scalar", VectorWidth.Scalar)]
    public void Parse_WidthByName_ReturnsIt(string name, VectorWidth expected) => Assert.That(VectorWidths.Parse(name), Is.EqualTo(expected));

    [TestCase("avx2")]
    [TestCase("7")]
    public void Parse_UnknownWidth_ListsTheWidths(string name) =>
        Assert.That(() => VectorWidths.Parse(name), Throws.InvalidOperationException.With.Message.Contains("Scalar, Vector128, Vector256, Vector512"));
}
