using System.Text.Json;

namespace Mnist.LoadTesting.Http;

/// <summary>Compares a classification response with independently computed probabilities.</summary>
internal static class ResponseCheck
{
    /// <summary>Largest difference of two probabilities between correct implementations.</summary>
    public const double Tolerance = 1e-4;

    /// <param name="name">Name of the server, for the message.</param>
    /// <param name="response">The body of the response: JSON.</param>
    /// <param name="digits">Indexes of the request's digits in <paramref name="expected"/>.</param>
    /// <param name="expected">The ten probabilities of each digit.</param>
    /// <exception cref="InvalidDataException">The response is wrong.</exception>
    public static void Require(string name, byte[] response, IReadOnlyList<int> digits, IReadOnlyList<float[]> expected)
    {
        using var json = JsonDocument.Parse(response);
        var items = json.RootElement.GetProperty("responses");
        if (items.GetArrayLength() != digits.Count)
        {
            throw new InvalidDataException($"{name}: found {items.GetArrayLength()} responses, expected {digits.Count}");
        }

        for (int i = 0; i < digits.Count; i++)
        {
            var item = items[i];
            float[] probabilities = expected[digits[i]];
            int digit = item.GetProperty("class").GetInt32();
            if (probabilities[digit] < probabilities.Max() - Tolerance || !(Math.Abs(item.GetProperty("probability").GetDouble() - probabilities[digit]) <= Tolerance))
            {
                throw new InvalidDataException(
                    $"{name}: found {item} for digit {digits[i]}, expected class {Array.IndexOf(probabilities, probabilities.Max())} with probability {probabilities.Max()}");
            }
        }
    }
}
