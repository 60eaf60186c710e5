using System.Text.Json;

namespace Mnist.Benchmarks.Measuring;

/// <summary>The JSON file of a benchmark.</summary>
internal static class ResultsJson
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <param name="machine">From <see cref="Machine.Describe"/>.</param>
    /// <param name="results">The results, each an object.</param>
    public static string Of<T>(string machine, IEnumerable<T> results) => JsonSerializer.Serialize(new { machine, results }, Json) + Environment.NewLine;
}
