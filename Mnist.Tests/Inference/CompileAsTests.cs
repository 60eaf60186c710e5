using System.Reflection;
using Mnist.Inference;
using Mnist.Training;

namespace Mnist.Tests.Inference;

/// <summary>Compiler options of the kernels. Tests cannot hold the speed itself, but they hold the options whose absence halved it.</summary>
[TestFixture]
internal sealed class CompileAsTests
{
    private static readonly string[] OfTheEngine =
    [
        "ConvolutionKernel.Step", "EightPoints.InputColumn", "LargeTile3x3.OutputColumn", "LargeTile5x5.OutputColumn", "MatrixKernel.Steps", "MaxPoolKernel.Forward", "RowKernel.Panel",
        "SingleTileKernel.Row", "Winograd.TransformInput", "Winograd.TransformWeights", "WinogradColumnConvolution`1.Store", "WinogradConvolution`2.Store",
    ];

    private static readonly string[] OfTheTrainer =
    [
        "BatchNormalization.Forward", "BatchNormalization.AddToSums", "BatchStatistics.Backward", "BatchStatistics.Sum", "WeightGradientKernel.Tile",
        "WinogradAdjoint.OfInput", "WinogradAdjoint.OfOutput", "WinogradAdjoint.OfWeights",
    ];

    private static IEnumerable<TestCaseData> Kernels() => [new(typeof(Network), OfTheEngine), new(typeof(Trainer), OfTheTrainer)];

    [TestCaseSource(nameof(Kernels))]
    public void Kernels_OfAnAssembly_AreOptimisedAtOnceAndNeverInlined(Type inAssembly, string[] expected)
    {
        var kernels = inAssembly.Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(method => method.MethodImplementationFlags.HasFlag(MethodImplAttributes.AggressiveOptimization))
            .ToList();

        Assert.That(kernels.Select(method => $"{method.DeclaringType!.Name}.{method.Name}"), Is.EquivalentTo(expected));
        Assert.That(kernels.Where(method => !method.MethodImplementationFlags.HasFlag(MethodImplAttributes.NoInlining)), Is.Empty);
    }
}
