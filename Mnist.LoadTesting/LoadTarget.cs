using System.Net;
using System.Net.Sockets;
using System.Text;
using Mnist.Client;
using Mnist.LoadTesting.Http;

namespace Mnist.LoadTesting;

/// <summary>A working server, the requests, and its responses to them without load.</summary>
/// <param name="EndPoint">The server's address.</param>
/// <param name="Requests">The requests.</param>
/// <param name="Responses">The response body of each request.</param>
/// <param name="Labelled">Number of digits whose label is known.</param>
/// <param name="Correct">Number of these that the server classifies correctly.</param>
internal sealed record LoadTarget(IPEndPoint EndPoint, DigitRequests Requests, IReadOnlyList<byte[]> Responses, int Labelled, int Correct)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Classifies the digits with the typed client, then sends each request once and compares. Under load, the response to a request must have the same bytes.
    /// </summary>
    /// <param name="client">A client of the service.</param>
    /// <param name="server">The service's address.</param>
    /// <param name="apiKey">The API key; null: none.</param>
    /// <param name="digits">The digits to send.</param>
    /// <param name="imagesPerRequest">Images per request.</param>
    /// <param name="cancellationToken">Cancels the preparation.</param>
    /// <exception cref="MnistClientException">The service could not be reached, failed, or rejected a digit.</exception>
    /// <exception cref="LoadTestException">The service answered a request with an error.</exception>
    /// <exception cref="InvalidDataException">The two responses differ.</exception>
    /// <exception cref="IOException">A connection broke or timed out.</exception>
    public static async Task<LoadTarget> PrepareAsync(
        MnistClient client, Uri server, string? apiKey, IReadOnlyList<LoadDigit> digits, int imagesPerRequest, CancellationToken cancellationToken)
    {
        List<Classification> classifications = [];
        foreach (var chunk in digits.Chunk(imagesPerRequest))
        {
            classifications.AddRange(await client.ClassifyAsync([.. chunk.Select(digit => digit.File)], probabilities: true, cancellationToken));
        }

        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.DnsSafeHost, server.Port, cancellationToken);
        var endPoint = (IPEndPoint)socket.RemoteEndPoint!;
        var requests = DigitRequests.Create([.. digits.Select(digit => digit.File)], imagesPerRequest, server, apiKey);
        float[][] expected = [.. classifications.Select(answer => answer.Probabilities!.Select(probability => (float)probability).ToArray())];
        var labelled = digits.Zip(classifications).Where(pair => pair.First.Label is not null).ToList();
        return new LoadTarget(
            endPoint, requests, SendEach(endPoint, requests, expected, cancellationToken), labelled.Count, labelled.Count(pair => pair.First.Label == pair.Second.Class));
    }

    private static byte[][] SendEach(IPEndPoint server, DigitRequests requests, float[][] expected, CancellationToken cancellationToken)
    {
        using var connection = new LoadConnection(server);
        return [.. requests.Messages.Select((message, request) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (status, body) = connection.Exchange(message, Timeout);
            if (status != (int)HttpStatusCode.OK)
            {
                throw new LoadTestException($"The server answered {status}: {Encoding.UTF8.GetString(body)}");
            }

            ResponseCheck.Require($"request {request}", body, requests.Digits[request], expected);
            return body;
        })];
    }
}
