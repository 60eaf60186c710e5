namespace Mnist.LoadTesting;

/// <summary>The server answered a request with an error before the measurement, so there is nothing to measure.</summary>
internal sealed class LoadTestException(string message) : Exception(message);
