using System.Text.Json;

namespace Mnist.Benchmarks.Http;

/// <summary>A server under load.</summary>
/// <param name="Name">For tables and JSON.</param>
/// <param name="Server">Ready.</param>
/// <param name="Expected">What it must say about each golden digit: probabilities [N,10] by ONNX Runtime; null for the server that says nothing.</param>
internal sealed record HttpContender(string Name, BenchmarkServer Server, IReadOnlyList<float[]>? Expected)
{
    /// <summary>Difference of two probabilities of right implementations.</summary>
    public const double Tolerance = 1e-4;

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
            RequireRight(answers[i], requests.Digits[i]);
        }

        return new LoadGenerator(Server.EndPoint, requests.Messages, answers, connections);
    }

    private void RequireRight(byte[] answer, int[] digits)
    {
        using var json = JsonDocument.Parse(answer);
        var responses = json.RootElement.GetProperty("responses");
        for (int i = 0; i < digits.Length; i++)
        {
            var response = responses[i];
            float[] expected = Expected![digits[i]];
            int digit = response.GetProperty("class").GetInt32();
            if (expected[digit] < expected.Max() - Tolerance || !(Math.Abs(response.GetProperty("probability").GetDouble() - expected[digit]) <= Tolerance))
            {
                throw new InvalidDataException($"{Name}: golden digit {digits[i]} got {response}, expected {Array.IndexOf(expected, expected.Max())} with {expected.Max()}");
            }
        }
    }
}
