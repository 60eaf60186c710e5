namespace Mnist.LoadTesting;

/// <summary>The server answered a request of the preparation with an error: there is nothing to measure.</summary>
internal sealed class LoadTestException(string message) : Exception(message);
