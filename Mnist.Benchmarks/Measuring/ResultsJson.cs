using System.Text.Json;

namespace Mnist.Benchmarks.Measuring;

/// <summary>The results of a benchmark as they are published.</summary>
internal static class ResultsJson
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <param name="machine">What they belong to: see <see cref="Machine.Describe"/>.</param>
    /// <param name="results">A JSON object each.</param>
    public static string Of<T>(string machine, IEnumerable<T> results) => JsonSerializer.Serialize(new { machine, results }, Json) + Environment.NewLine;
}
