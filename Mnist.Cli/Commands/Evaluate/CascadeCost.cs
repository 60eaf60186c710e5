using System.Globalization;
using Mnist.Inference;
using Mnist.Training.Evaluation;

namespace Mnist.Cli.Commands.Evaluate;

/// <summary>The cost of a cascade on a set of digits.</summary>
/// <param name="Escalated">Share of the digits that the second stage computed, 0 to 1.</param>
/// <param name="MeanMultiplyAdds">Mean multiply-adds per image.</param>
internal sealed record CascadeCost(double Escalated, double MeanMultiplyAdds)
{
    /// <summary>Null for a single network, whose cost does not depend on the digits.</summary>
    public static CascadeCost? Of(Network network, BatchAnswer answer, int digits)
    {
        double escalated = answer.Escalated / (double)digits;
        return network.Cascade is null ? null : new CascadeCost(escalated, network.MeanMultiplyAdds(escalated));
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * Escalated:0.00} % escalated, mean {MeanMultiplyAdds:N0} multiply-adds per image");
}
