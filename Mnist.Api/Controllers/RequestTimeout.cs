using System.Globalization;
using Mnist.Core.Contract;

namespace Mnist.Api.Controllers;

/// <summary><c>Request-Timeout: 0.5</c> tells how many seconds the client will wait: what is not classified by then never is.</summary>
internal static class RequestTimeout
{
    public const string Header = "Request-Timeout";

    /// <returns>The smaller of what the client and what the server will wait.</returns>
    public static TimeSpan Read(IHeaderDictionary headers, TimeSpan longest, ValidationErrors faults)
    {
        if (!headers.TryGetValue(Header, out var values))
        {
            return longest;
        }

        if (values is [{ } text] && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal seconds) && seconds > 0)
        {
            return seconds < (decimal)longest.TotalSeconds ? TimeSpan.FromSeconds((double)seconds) : longest;
        }

        faults.AddToContract(Header, "is a header with another value; expected a number of seconds above 0, such as 0.5, once.");
        return longest;
    }
}
