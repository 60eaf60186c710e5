using System.Runtime.InteropServices;
using Mnist.Benchmarks.Measuring;

namespace Mnist.Benchmarks.Engine;

/// <summary>PyTorch in its own process, with a traced, frozen and fused model; see <c>peers/inference.py</c>.</summary>
internal sealed class TorchContender : IContender
{
    private readonly TorchProcess _process;

    public TorchContender(TorchProcess process, Workload workload)
    {
        _process = process;
        var folder = Directory.CreateTempSubdirectory("mnist-benchmark");
        try
        {
            string weights = Path.Combine(folder.FullName, "weights.safetensors");
            string inputs = Path.Combine(folder.FullName, "images.f32");
            workload.Weights.Save(weights);
            File.WriteAllBytes(inputs, MemoryMarshal.AsBytes<float>(workload.Images));
            process.Call(new { command = "prepare", weights, inputs });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public string Name => "pytorch";

    public float[] Logits() => [.. _process.Call(new { command = "logits" }).GetProperty("logits").EnumerateArray().Select(value => value.GetSingle())];

    public double Measure(int calls) => _process.Call(new { command = "measure", calls }).GetProperty("seconds").GetDouble();

    // The process is reused for the next workload.
    public void Dispose()
    {
    }
}
