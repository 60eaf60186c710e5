using System.Globalization;
using Mnist.Cli.Shared;
using Mnist.Inference.Plan;
using Spectre.Console;

namespace Mnist.Cli.Commands.Evaluate;

/// <summary>The engine's plan for a network, step by step.</summary>
internal static class PlanTable
{
    private const string Explanation =
        "cost: in FMA units, with padded channels, whole tiles, Winograd transforms and weight reads; at once: images per run of the step";

    /// <param name="plans">The plan of a network, or of each network of a cascade.</param>
    /// <param name="console">Receives the tables.</param>
    public static void Write(IReadOnlyList<IReadOnlyList<PlannedStep>> plans, IAnsiConsole console)
    {
        foreach (var (i, plan) in plans.Index())
        {
            console.WriteLine(plans.Count == 1 ? "plan" : $"plan of network {i + 1}");
            console.Write(Of(plan));
        }

        console.WriteLine(Explanation);
    }

    private static Table Of(IReadOnlyList<PlannedStep> plan)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("layers", "output", "algorithm");
        table.AddRightAlignedColumns("multiply-adds", "cost", "weight bytes", "at once");
        foreach (var step in plan)
        {
            table.AddRow(
                step.Layers, $"{step.Output}", step.Algorithm, Number(step.MultiplyAdds), Number(step.Cost), Number(step.WeightBytes),
                step.ImagesAtOnce is { } images ? Number(images) : "all");
        }

        table.AddRow("total", "", "", Number(plan.Sum(step => step.MultiplyAdds)), Number(plan.Sum(step => step.Cost)), Number(plan.Sum(step => step.WeightBytes)), "");
        return table;
    }

    private static string Number(long value) => value == 0 ? "" : value.ToString("N0", CultureInfo.InvariantCulture);
}
