namespace Mnist.Tests;

/// <summary>Tests that loop over all 10,000 test digits or drive a browser: one run of them is enough where the suite runs several times.</summary>
internal static class AllDigits
{
    private const string Variable = "MNIST_TEST_ALL_DIGITS";

    /// <summary>Skips the test if the variable MNIST_TEST_ALL_DIGITS is 0.</summary>
    public static void Require()
    {
        if (Environment.GetEnvironmentVariable(Variable) == "0")
        {
            Assert.Ignore($"takes long, is needed in one run of the suite alone, and {Variable} is 0 in this one");
        }
    }
}
