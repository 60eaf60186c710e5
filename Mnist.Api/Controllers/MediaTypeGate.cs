using Microsoft.Net.Http.Headers;

namespace Mnist.Api.Controllers;

/// <summary>Lets in what is JSON in UTF-8 as it is. The framework's own check answers an unusual charset with an error of the server.</summary>
internal static class MediaTypeGate
{
    public const string Json = "application/json";

    /// <summary>What is wrong with the headers that describe the body; null when nothing is.</summary>
    public static string? FindFault(HttpRequest request)
    {
        const string Advice = $"send Content-Type: {Json}";
        var contentType = request.Headers.ContentType;
        if (contentType.Count == 0)
        {
            return $"The Content-Type header is missing; {Advice}.";
        }

        if (contentType.Count > 1 || !MediaTypeHeaderValue.TryParse(contentType[0], out var mediaType)
            || !mediaType.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase))
        {
            return $"The body is not declared as JSON; {Advice}.";
        }

        if (mediaType.Parameters.Any(IsForeignCharset))
        {
            return $"The Content-Type header names a charset other than utf-8; {Advice}, with no charset or with utf-8.";
        }

        return request.Headers.ContentEncoding.Any(encoding => !string.Equals(encoding, "identity", StringComparison.OrdinalIgnoreCase))
            ? "The body has a content encoding; send it as it is, without compression."
            : null;
    }

    private static bool IsForeignCharset(NameValueHeaderValue parameter) =>
        parameter.Name.Equals("charset", StringComparison.OrdinalIgnoreCase)
        && !HeaderUtilities.RemoveQuotes(parameter.Value).Equals("utf-8", StringComparison.OrdinalIgnoreCase);
}
