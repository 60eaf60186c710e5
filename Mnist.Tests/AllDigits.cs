namespace Mnist.Tests;

/// <summary>Tests that loop over all 10,000 test digits: one run of them is enough where the suite runs several times.</summary>
internal static class AllDigits
{
    private const string Variable = "MNIST_TEST_ALL_DIGITS";

    /// <summary>Skips the test if the variable MNIST_TEST_ALL_DIGITS is 0.</summary>
    public static void Require()
    {
        if (Environment.GetEnvironmentVariable(Variable) == "0")
        {
            Assert.Ignore($"loops over all 10,000 digits, and {Variable} is 0");
        }
    }
}
