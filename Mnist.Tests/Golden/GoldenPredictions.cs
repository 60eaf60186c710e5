using System.Text.Json;
using Mnist.Core.Imaging;
using Mnist.Inference;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Tests.Golden;

/// <summary>What an independent implementation gives for one MNIST test digit.</summary>
/// <param name="Index">The digit's place among the 10,000.</param>
/// <param name="Label">The true digit.</param>
/// <param name="Probabilities">The probabilities of the classes 0 to 9.</param>
public sealed record GoldenDigit(int Index, int Label, float[] Probabilities);

/// <summary>A few hundred MNIST test digits with the probabilities that ONNX Runtime gives for the shipped weights. The engine never writes them.</summary>
/// <param name="OnnxRuntime">Version of ONNX Runtime.</param>
/// <param name="WeightsSha256">SHA-256 of the weights file.</param>
/// <param name="Digits">The digits in the order of their indexes.</param>
public sealed record GoldenPredictions(string OnnxRuntime, string WeightsSha256, IReadOnlyList<GoldenDigit> Digits)
{
    public const string FileName = "golden.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Asks ONNX Runtime.</summary>
    /// <param name="weightsPath">The shipped weights.</param>
    /// <param name="test">The 10,000 MNIST test digits.</param>
    public static GoldenPredictions Create(string weightsPath, DigitDataset test)
    {
        var network = Network.Load(weightsPath);
        var predictions = OnnxPredictions.Of(network, test);
        float[][] probabilities = [.. predictions.Probabilities.Chunk(DigitImage.ClassCount)];
        return new GoldenPredictions(OnnxReference.Version, network.Sha256,
            [.. Indexes(test.Count).Except(predictions.Doubtful).Select(i => new GoldenDigit(i, test.Labels[i], probabilities[i]))]);
    }

    public static GoldenPredictions Read(string path) => JsonSerializer.Deserialize<GoldenPredictions>(File.ReadAllBytes(path), Json)!;

    /// <summary>Writes JSON with a line for each digit.</summary>
    public void Write(string path) => File.WriteAllText(path,
        $$"""
        {
          "onnxRuntime": {{JsonSerializer.Serialize(OnnxRuntime)}},
          "weightsSha256": {{JsonSerializer.Serialize(WeightsSha256)}},
          "digits": [
            {{string.Join(",\n    ", Digits.Select(digit => JsonSerializer.Serialize(digit, Json)))}}
          ]
        }

        """);

    // The first 200, the ones that readers dispute, and every 115th of the rest: chosen without looking at what a network says.
    private static IEnumerable<int> Indexes(int count) =>
        Enumerable.Range(0, count).Where(i => i < 200 || EvaluationResult.DisputedTestLabels.Contains(i) || i % 115 == 0);
}
