using System.Globalization;
using Mnist.Inference.Plan;
using Spectre.Console;

namespace Mnist.Cli.Evaluate;

/// <summary>How the engine computes a network, step by step.</summary>
internal static class PlanTable
{
    private const string Explanation =
        "done: channels padded to whole vectors, whole tiles, and Winograd's transforms and weights as the multiply-adds that take their time; at once: images";

    /// <param name="plans">Of a network, or of each member of a cascade.</param>
    /// <param name="console">Where to.</param>
    public static void Write(IReadOnlyList<IReadOnlyList<PlannedStep>> plans, IAnsiConsole console)
    {
        foreach (var (i, plan) in plans.Index())
        {
            console.WriteLine(plans.Count == 1 ? "plan" : $"plan of member {i + 1}");
            console.Write(Of(plan));
        }

        console.WriteLine(Explanation);
    }

    private static Table Of(IReadOnlyList<PlannedStep> plan)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("layers", "output", "algorithm");
        foreach (string title in new[] { "multiply-adds", "done", "bytes of weights", "at once" })
        {
            table.AddColumn(new TableColumn(title).RightAligned());
        }

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
