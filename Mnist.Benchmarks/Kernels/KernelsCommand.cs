using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Mnist.Benchmarks.Kernels;

/// <summary><c>kernels</c>: BenchmarkDotNet, with the vector width as a parameter and allocated bytes.</summary>
internal static class KernelsCommand
{
    private const int LongestName = 40;

    public static Command Create()
    {
        var quick = new Option<bool>("--quick") { Description = "Few and short iterations." };
        var command = new Command("kernels", "Measures the kernels with BenchmarkDotNet, at every vector width of this CPU.") { quick };
        command.SetAction(parsed =>
        {
            // In this process: a project that BenchmarkDotNet generates would inherit this repository's build rules.
            var job = (parsed.GetValue(quick) ? Job.ShortRun : Job.Default).WithToolchain(InProcessEmitToolchain.Instance);
            BenchmarkRunner.Run<KernelBenchmarks>(DefaultConfig.Instance
                .AddJob(job)
                .WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(LongestName))
                .WithArtifactsPath("artifacts/benchmarks"));
        });
        return command;
    }
}
