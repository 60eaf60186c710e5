using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Mnist.Client;

/// <summary>Reads the service's answer, trusting none of it.</summary>
internal static class Answer
{
    /// <summary>The answers to a request of <paramref name="count"/> images, the first being the caller's image <paramref name="start"/>.</summary>
    public static async Task<IReadOnlyList<T>> ReadAsync<T>(HttpResponseMessage response, int count, int start, Call<T> call, CancellationToken cancellationToken)
        where T : class
    {
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            if (response.StatusCode != HttpStatusCode.OK)
            {
                throw await RefusalAsync(response, body, start, cancellationToken).ConfigureAwait(false);
            }

            try
            {
                var answer = await JsonSerializer.DeserializeAsync(body, call.Json, cancellationToken).ConfigureAwait(false);
                return Check(answer?.Items ?? throw new JsonException("The document is null."), count, call);
            }
            catch (JsonException exception)
            {
                throw new MnistClientException(
                    $"{Source(response)} answered with something that is no classification: {exception.Message}", response.StatusCode, innerException: exception);
            }
        }
    }

    private static T[] Check<T>(IReadOnlyList<T?> responses, int count, Call<T> call)
        where T : class
    {
        if (responses.Count != count)
        {
            throw new JsonException($"{responses.Count} responses to {count} images.");
        }

        return [.. responses.Select((response, index) => response is not null && call.IsPossible(response)
            ? response
            : throw new JsonException($"responses[{index}] is {response?.ToString() ?? "null"}."))];
    }

    private static async Task<MnistClientException> RefusalAsync(HttpResponseMessage response, Stream body, int start, CancellationToken cancellationToken)
    {
        string summary = string.Create(CultureInfo.InvariantCulture, $"{Source(response)} answered {(int)response.StatusCode} {response.ReasonPhrase}.");
        if (response.Headers.Location is { } location)
        {
            summary += $" It redirects to {location}; the client does not follow: correct BaseAddress.";
        }

        Problem? problem = null;
        try
        {
            problem = await JsonSerializer.DeserializeAsync(body, WireJson.Default.Problem, cancellationToken).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            // A proxy's own page, or no body at all: the status says what there is to say.
        }

        return new MnistClientException(summary, response.StatusCode, problem?.Shift(start));
    }

    private static string Source(HttpResponseMessage response) => response.RequestMessage!.RequestUri!.GetLeftPart(UriPartial.Path);
}
