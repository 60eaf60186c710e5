using System.Globalization;
using System.Text.Json.Serialization;
using Mnist.Inference;
using Mnist.Training.Evaluation;

namespace Mnist.Cli.Evaluate;

/// <summary>What a cascade needed for a set of digits.</summary>
/// <param name="AskedAgain">Share of the digits about which all members were asked, 0 to 1.</param>
/// <param name="MeanMultiplyAdds">For one image on average.</param>
internal sealed record CascadeCost(double AskedAgain, double MeanMultiplyAdds)
{
    [JsonIgnore]
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{100 * AskedAgain:0.00} % asked again, mean {MeanMultiplyAdds:N0} multiply-adds an image");

    /// <summary>Null for a single network, whose cost does not depend on the digits.</summary>
    public static CascadeCost? Of(Network network, BatchAnswer answer, int digits)
    {
        double askedAgain = answer.Escalated / (double)digits;
        return network.Cascade is null ? null : new CascadeCost(askedAgain, network.MeanMultiplyAdds(askedAgain));
    }
}
