using System.Reflection;
using Mnist.Inference;
using Mnist.Training;

namespace Mnist.Tests.Inference;

/// <summary>How the kernels are compiled: a test cannot hold their speed, but what took half of it.</summary>
[TestFixture]
internal sealed class CompileAsTests
{
    [TestCase(typeof(Network))]
    [TestCase(typeof(Trainer))]
    public void Methods_OptimisedAtTheirFirstCall_AreNeverInlined(Type inAssembly)
    {
        var kernels = inAssembly.Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(method => method.MethodImplementationFlags.HasFlag(MethodImplAttributes.AggressiveOptimization))
            .ToList();

        Assert.That(kernels, Is.Not.Empty);
        Assert.That(kernels.Where(method => !method.MethodImplementationFlags.HasFlag(MethodImplAttributes.NoInlining)), Is.Empty);
    }
}
