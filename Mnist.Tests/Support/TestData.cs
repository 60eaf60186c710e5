using Mnist.Training.Data;

namespace Mnist.Tests.Support;

/// <summary>The files under Data, which the build copies beside the tests.</summary>
internal static class TestData
{
    public static string Folder { get; } = Path.Combine(TestContext.CurrentContext.TestDirectory, "Data");

    private static readonly Lazy<DigitDataset> LazyMnistTest = new(() => MnistFile.LoadTest(Folder));

    /// <summary>The 10,000 MNIST test digits.</summary>
    public static DigitDataset MnistTest => LazyMnistTest.Value;
}
