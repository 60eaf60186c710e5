using Microsoft.ML.OnnxRuntime;
using Mnist.Core.Imaging;
using Mnist.Inference.Model;
using Mnist.Training.Data;
using Mnist.Training.Export;

namespace Mnist.Tests.Golden;

/// <summary>ONNX Runtime on the same weights: the independent implementation that the engine is checked and measured against.</summary>
public sealed class OnnxReference(NetworkWeights weights) : IDisposable
{
    private const int BatchSize = 250;

    private readonly InferenceSession _session = new(OnnxExporter.Export(weights));
    private readonly RunOptions _runOptions = new();

    public static string Version => OrtEnv.Instance().GetVersionString();

    /// <summary>Probabilities [N,10] of N digits.</summary>
    public float[] Probabilities(DigitDataset digits) => Run(digits, OnnxExporter.Probabilities);

    /// <summary>Logits [N,10] of N digits.</summary>
    public float[] Logits(DigitDataset digits) => Run(digits, OnnxExporter.Logits);

    public void Dispose()
    {
        _runOptions.Dispose();
        _session.Dispose();
    }

    private float[] Run(DigitDataset digits, string output)
    {
        ArgumentNullException.ThrowIfNull(digits);
        List<float> values = [];
        foreach (byte[] pixels in digits.Images.Chunk(BatchSize * DigitImage.PixelCount))
        {
            // One channel: the engine's order [N,28,28,1] and ONNX's [N,1,28,28] are the same.
            float[] images = Array.ConvertAll(pixels, pixel => pixel / 255f);
            using var input = OrtValue.CreateTensorValueFromMemory(
                images, [pixels.Length / DigitImage.PixelCount, 1, DigitImage.Height, DigitImage.Width]);
            using var outputs = _session.Run(_runOptions, [OnnxExporter.Images], [input], [output]);
            values.AddRange(outputs[0].GetTensorDataAsSpan<float>());
        }

        return [.. values];
    }
}
