using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using Mnist.Core.Imaging;
using Mnist.Training.Export;

namespace Mnist.Benchmarks.Engine;

/// <summary>ONNX Runtime in this process, on the calling thread only, with inputs and outputs bound once.</summary>
internal sealed class OnnxContender : IContender
{
    private readonly SessionOptions _options = new()
    {
        IntraOpNumThreads = 1,
        InterOpNumThreads = 1,
        ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
        GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
    };

    private readonly RunOptions _runOptions = new();
    private readonly float[] _logits;
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly OrtValue _input;
    private readonly OrtValue _output;

    public OnnxContender(Workload workload)
    {
        int classes = workload.Weights.Architecture.ClassCount;
        _logits = new float[workload.BatchSize * classes];
        _session = new InferenceSession(OnnxExporter.Export(workload.Weights, probabilities: false), _options);
        _input = OrtValue.CreateTensorValueFromMemory(workload.Images, [workload.BatchSize, 1, DigitImage.Height, DigitImage.Width]);
        _output = OrtValue.CreateTensorValueFromMemory(_logits, [workload.BatchSize, classes]);
        _binding = _session.CreateIoBinding();
        _binding.BindInput(OnnxExporter.Images, _input);
        _binding.BindOutput(OnnxExporter.Logits, _output);
    }

    public static string Version => OrtEnv.Instance().GetVersionString();

    public string Name => "onnxruntime";

    public float[] Logits()
    {
        _session.RunWithBinding(_runOptions, _binding);
        return [.. _logits];
    }

    public double Measure(int calls)
    {
        long started = Stopwatch.GetTimestamp();
        for (int call = 0; call < calls; call++)
        {
            _session.RunWithBinding(_runOptions, _binding);
        }

        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    public void Dispose()
    {
        _binding.Dispose();
        _input.Dispose();
        _output.Dispose();
        _session.Dispose();
        _runOptions.Dispose();
        _options.Dispose();
    }
}
