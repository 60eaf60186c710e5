using Microsoft.Net.Http.Headers;
using Mnist.Api.Kestrel;

namespace Mnist.Api.Intake;

/// <summary>Accepts JSON in UTF-8 without content encoding. The framework's own check answers an unusual charset with 500.</summary>
internal static class MediaTypeGate
{
    /// <summary>What is wrong with the headers that describe the body; null where nothing is.</summary>
    public static string? FindError(HttpRequest request)
    {
        const string Advice = $"send Content-Type: {JsonBody.MediaType}";
        var contentType = request.Headers.ContentType;
        if (contentType.Count == 0)
        {
            return $"The Content-Type header is missing; {Advice}.";
        }

        if (contentType.Count > 1 || !MediaTypeHeaderValue.TryParse(contentType[0], out var mediaType)
            || !mediaType.MediaType.Equals(JsonBody.MediaType, StringComparison.OrdinalIgnoreCase))
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
