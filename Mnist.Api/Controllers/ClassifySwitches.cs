using Mnist.Core.Contract;

namespace Mnist.Api.Controllers;

/// <summary>What the query of a classification asks for, such as <c>?normalize=true</c>.</summary>
/// <param name="Probabilities">The scores of all ten digits.</param>
/// <param name="Normalize">Images of any size are brought to the contract's 28x28.</param>
/// <param name="Preview">What the network saw, and where it was found.</param>
/// <param name="Reject">Whether each image is a digit at all.</param>
/// <param name="Explain">Which pixels decided; one image a request.</param>
internal readonly record struct ClassifySwitches(bool Probabilities, bool Normalize, bool Preview, bool Reject, bool Explain)
{
    public const string ProbabilitiesName = "probabilities";
    public const string NormalizeName = "normalize";
    public const string PreviewName = "preview";
    public const string RejectName = "reject";
    public const string ExplainName = "explain";

    public static ClassifySwitches Read(IQueryCollection query, ValidationErrors faults) =>
        new(
            Read(query, ProbabilitiesName, faults),
            Read(query, NormalizeName, faults),
            Read(query, PreviewName, faults),
            Read(query, RejectName, faults),
            Read(query, ExplainName, faults));

    private static bool Read(IQueryCollection query, string name, ValidationErrors faults)
    {
        if (!query.TryGetValue(name, out var values))
        {
            return false;
        }

        if (values is not ["true"])
        {
            faults.AddToContract(name, $"has another value; expected ?{name}=true, once, or nothing.");
        }

        return true;
    }
}
