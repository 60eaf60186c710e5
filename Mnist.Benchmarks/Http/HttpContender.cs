using Mnist.LoadTesting;
using Mnist.LoadTesting.Http;

namespace Mnist.Benchmarks.Http;

/// <summary>A server under load.</summary>
/// <param name="Name">Name in tables and JSON.</param>
/// <param name="Server">The server, ready.</param>
/// <param name="Expected">The expected probabilities [N,10] of the golden digits, by ONNX Runtime; null for the constant server.</param>
internal sealed record HttpContender(string Name, BenchmarkServer Server, IReadOnlyList<float[]>? Expected)
{
    /// <summary>
    /// Sends each request once and compares the response with the golden predictions. Under load, the response must have the same bytes: the engine computes
    /// an image to the same bits in every batch, and the peers compute a request as one batch.
    /// </summary>
    /// <exception cref="InvalidDataException">A response is wrong.</exception>
    public LoadGenerator Connect(DigitRequests requests, int connections)
    {
        byte[][] responses = [.. requests.Bodies.Select(Server.Post)];
        for (int i = 0; Expected is not null && i < responses.Length; i++)
        {
            ResponseCheck.Require(Name, responses[i], requests.Digits[i], Expected);
        }

        return new LoadGenerator(Server.EndPoint, requests.Messages, responses, connections);
    }
}
