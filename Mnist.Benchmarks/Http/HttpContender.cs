using Mnist.LoadTesting;

namespace Mnist.Benchmarks.Http;

/// <summary>A server under load.</summary>
/// <param name="Name">For tables and JSON.</param>
/// <param name="Server">Ready.</param>
/// <param name="Expected">What it must say about each golden digit: probabilities [N,10] by ONNX Runtime; null for the server that says nothing.</param>
internal sealed record HttpContender(string Name, BenchmarkServer Server, IReadOnlyList<float[]>? Expected)
{
    /// <summary>
    /// Asks for each request once and compares with the golden predictions. From then on an answer must have the same bytes: the engine gives an image
    /// the same bits in every batch, and the peers compute a request as one batch.
    /// </summary>
    /// <exception cref="InvalidDataException">An answer is wrong.</exception>
    public LoadGenerator Connect(DigitRequests requests, int connections)
    {
        byte[][] answers = [.. requests.Bodies.Select(Server.Ask)];
        for (int i = 0; Expected is not null && i < answers.Length; i++)
        {
            AnswerCheck.Require(Name, answers[i], requests.Digits[i], Expected);
        }

        return new LoadGenerator(Server.EndPoint, requests.Messages, answers, connections);
    }
}
