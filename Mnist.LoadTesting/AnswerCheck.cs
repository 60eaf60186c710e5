using System.Text.Json;

namespace Mnist.LoadTesting;

/// <summary>Whether an answer to some digits says what an independent one says of each of them.</summary>
internal static class AnswerCheck
{
    /// <summary>Difference of two probabilities of right implementations.</summary>
    public const double Tolerance = 1e-4;

    /// <param name="name">The server, for the message.</param>
    /// <param name="answer">JSON.</param>
    /// <param name="digits">Indexes of the digits of the request.</param>
    /// <param name="expected">The ten probabilities of each digit there is.</param>
    /// <exception cref="InvalidDataException">The answer is wrong.</exception>
    public static void Require(string name, byte[] answer, IReadOnlyList<int> digits, IReadOnlyList<float[]> expected)
    {
        using var json = JsonDocument.Parse(answer);
        var responses = json.RootElement.GetProperty("responses");
        if (responses.GetArrayLength() != digits.Count)
        {
            throw new InvalidDataException($"{name}: {digits.Count} digits got {responses.GetArrayLength()} responses");
        }

        for (int i = 0; i < digits.Count; i++)
        {
            var response = responses[i];
            float[] probabilities = expected[digits[i]];
            int digit = response.GetProperty("class").GetInt32();
            if (probabilities[digit] < probabilities.Max() - Tolerance || !(Math.Abs(response.GetProperty("probability").GetDouble() - probabilities[digit]) <= Tolerance))
            {
                throw new InvalidDataException(
                    $"{name}: digit {digits[i]} got {response}, expected {Array.IndexOf(probabilities, probabilities.Max())} with {probabilities.Max()}");
            }
        }
    }
}
