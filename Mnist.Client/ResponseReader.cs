using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Mnist.Client;

/// <summary>Reads and validates the responses of the service.</summary>
internal static class ResponseReader
{
    /// <summary>Reads the response to a request for <paramref name="count"/> images.</summary>
    /// <param name="response">The response.</param>
    /// <param name="count">Number of images in the request.</param>
    /// <param name="start">Index of the request's first image in the caller's list.</param>
    /// <param name="call">The kind of request.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <returns>One result per image, in the order of the request.</returns>
    /// <exception cref="MnistClientException">The status is not 200, or the body breaks the contract.</exception>
    public static async Task<IReadOnlyList<T>> ReadAsync<T>(HttpResponseMessage response, int count, int start, Call<T> call, CancellationToken cancellationToken)
        where T : class
    {
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            if (response.StatusCode != HttpStatusCode.OK)
            {
                throw await ReadProblemAsync(response, body, start, cancellationToken).ConfigureAwait(false);
            }

            try
            {
                var answer = await JsonSerializer.DeserializeAsync(body, call.Json, cancellationToken).ConfigureAwait(false);
                return Validate(answer?.Items ?? throw new JsonException("The document is null."), count, call);
            }
            catch (JsonException exception)
            {
                throw new MnistClientException(
                    $"{UrlOf(response)} sent a response that is no classification: {exception.Message}", response.StatusCode, innerException: exception);
            }
        }
    }

    private static T[] Validate<T>(IReadOnlyList<T?> responses, int count, Call<T> call)
        where T : class
    {
        if (responses.Count != count)
        {
            throw new JsonException($"Found {responses.Count} responses, expected {count}.");
        }

        return [.. responses.Select((response, index) => response is not null && call.IsValid(response)
            ? response
            : throw new JsonException($"responses[{index}] is {response?.ToString() ?? "null"}."))];
    }

    private static async Task<MnistClientException> ReadProblemAsync(HttpResponseMessage response, Stream body, int start, CancellationToken cancellationToken)
    {
        string summary = string.Create(CultureInfo.InvariantCulture, $"{UrlOf(response)} answered {(int)response.StatusCode} {response.ReasonPhrase}.");
        if (response.Headers.Location is { } location)
        {
            summary += $" It redirects to {location}. The client does not follow redirects: correct BaseAddress.";
        }

        Problem? problem = null;
        try
        {
            problem = await JsonSerializer.DeserializeAsync(body, WireJson.Default.Problem, cancellationToken).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            // The body is a proxy's error page, or empty: only the status is known.
        }

        return new MnistClientException(summary, response.StatusCode, problem?.Shift(start));
    }

    private static string UrlOf(HttpResponseMessage response) => response.RequestMessage!.RequestUri!.GetLeftPart(UriPartial.Path);
}
