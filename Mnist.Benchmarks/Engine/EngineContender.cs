using System.Diagnostics;
using Mnist.Inference;

namespace Mnist.Benchmarks.Engine;

/// <summary>The engine, <c>Mnist.Inference</c>.</summary>
internal sealed class EngineContender : IContender
{
    private readonly Workload _workload;
    private readonly Network _network;
    private readonly Workspace _workspace;
    private readonly float[] _logits;

    public EngineContender(Workload workload)
    {
        _workload = workload;
        _network = Network.Create(workload.Weights);
        _workspace = _network.CreateWorkspace(workload.BatchSize);
        _logits = new float[workload.BatchSize * _network.ClassCount];
    }

    public string Name => "engine";

    public float[] Logits()
    {
        Forward();
        return [.. _logits];
    }

    public double Measure(int calls)
    {
        long started = Stopwatch.GetTimestamp();
        for (int call = 0; call < calls; call++)
        {
            Forward();
        }

        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    public void Dispose()
    {
    }

    private void Forward() => _network.Forward(_workload.Images, _workload.BatchSize, _workspace, _logits);
}
