using System.Runtime.Intrinsics;
using Mnist.Inference;

namespace Mnist.Tests.Inference;

[TestFixture]
internal sealed class SimdPathsTests
{
    /// <summary>What the run's hardware switch must have done, in this variable's words; a switch that has no effect would test nothing.</summary>
    private const string ExpectedVariable = "MNIST_TEST_EXPECTED_SIMD";

    [Test]
    public void Best_UnderTheRunsHardwareSwitch_IsTheWidthTheSwitchLeaves()
    {
        string? expected = Environment.GetEnvironmentVariable(ExpectedVariable);
        if (expected is null)
        {
            Assert.Ignore($"{ExpectedVariable} is not set: no hardware switch to check.");
        }

        string[] parts = expected.Split('+');
        Assert.That(SimdPaths.Best.ToString(), Is.EqualTo(parts[0]));
        Assert.That(SimdPaths.HasFusedMultiplyAdd, Is.EqualTo(parts.Contains("Fma")));
    }

    [Test]
    public void Best_WithoutTheVariable_IsTheWidestThatTheHardwareHas()
    {
        Assume.That(Environment.GetEnvironmentVariable(SimdPaths.Variable), Is.Null.Or.Empty);
        var widest = Vector512.IsHardwareAccelerated ? SimdPath.Vector512
            : Vector256.IsHardwareAccelerated ? SimdPath.Vector256
            : Vector128.IsHardwareAccelerated ? SimdPath.Vector128
            : SimdPath.Scalar;
        Assert.That(SimdPaths.Best, Is.EqualTo(widest));
    }

    [TestCase("Vector256", SimdPath.Vector256)]
    [TestCase("scalar", SimdPath.Scalar)]
    public void Parse_OfAWidth_GivesIt(string name, SimdPath expected) => Assert.That(SimdPaths.Parse(name), Is.EqualTo(expected));

    [TestCase("avx2")]
    [TestCase("7")]
    public void Parse_OfWhatIsNoWidth_NamesTheChoices(string name) =>
        Assert.That(() => SimdPaths.Parse(name), Throws.InvalidOperationException.With.Message.Contains("Scalar, Vector128, Vector256, Vector512"));
}
