using Mnist.Core.Contract;

namespace Mnist.Api.Controllers;

/// <summary><c>?probabilities=true</c> asks for the scores of all ten digits.</summary>
internal static class ProbabilitiesSwitch
{
    public const string Name = "probabilities";

    public static bool Read(IQueryCollection query, RequestFaults faults)
    {
        if (!query.TryGetValue(Name, out var values))
        {
            return false;
        }

        if (values is not ["true"])
        {
            faults.AddToContract(Name, "has another value; expected ?probabilities=true, once, or nothing.");
        }

        return true;
    }
}
