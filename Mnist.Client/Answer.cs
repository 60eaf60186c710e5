using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Mnist.Client;

/// <summary>Reads the service's answer, trusting none of it.</summary>
internal static class Answer
{
    private const int ClassCount = 10;

    /// <summary>The classifications in the answer to a request of <paramref name="count"/> images, the first being the caller's image <paramref name="start"/>.</summary>
    public static async Task<IReadOnlyList<Classification>> ReadAsync(
        HttpResponseMessage response, int count, int start, ClassifyOptions options, CancellationToken cancellationToken)
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
                var answer = await JsonSerializer.DeserializeAsync(body, WireJson.Default.ClassifyResponse, cancellationToken).ConfigureAwait(false);
                return Check(answer?.Responses ?? throw new JsonException("The document is null."), count, options);
            }
            catch (JsonException exception)
            {
                throw new MnistClientException(
                    $"{Source(response)} answered with something that is no classification: {exception.Message}", response.StatusCode, innerException: exception);
            }
        }
    }

    private static Classification[] Check(IReadOnlyList<Classification?> responses, int count, ClassifyOptions options)
    {
        if (responses.Count != count)
        {
            throw new JsonException($"{responses.Count} responses to {count} images.");
        }

        return [.. responses.Select((response, index) => response is not null && IsPossible(response, options)
            ? response
            : throw new JsonException($"responses[{index}] is {response?.ToString() ?? "null"}."))];
    }

    private static bool IsPossible(Classification response, ClassifyOptions options)
        => response is { Class: >= 0 and < ClassCount, Probability: >= 0 and <= 1 }
        && (!options.Preview || response is { Preview.Length: > 0, Box: not null })
        && (!options.Reject || response.Digit is not null)
        && (!options.Probabilities || (response.Probabilities?.Count == ClassCount && response.Probabilities.All(probability => probability is >= 0 and <= 1)));

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
