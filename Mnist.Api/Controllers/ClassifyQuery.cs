using Mnist.Api.Intake;
using Mnist.Core.Requests;

namespace Mnist.Api.Controllers;

/// <summary>Reads the options of a classification from the query, such as <c>?normalize=true</c>.</summary>
internal static class ClassifyQuery
{
    public const string ProbabilitiesName = "probabilities";
    public const string PreviewName = "preview";

    /// <param name="query">The query; unknown parameters are ignored.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static ClassifyOptions Read(IQueryCollection query, ValidationErrors errors)
    {
        // Read for admission already; here only its value is checked.
        IsSet(query, AdmissionGate.NormalizeName, errors);
        return new ClassifyOptions(
            Probabilities: IsSet(query, ProbabilitiesName, errors),
            Preview: IsSet(query, PreviewName, errors),
            Reject: IsSet(query, ClassifyOptions.RejectName, errors),
            Explain: IsSet(query, ClassifyOptions.ExplainName, errors));
    }

    private static bool IsSet(IQueryCollection query, string name, ValidationErrors errors)
    {
        if (!query.TryGetValue(name, out var values))
        {
            return false;
        }

        if (values is not ["true"])
        {
            errors.AddContractError(name, $"has another value; expected ?{name}=true, once, or nothing.");
        }

        return true;
    }
}
