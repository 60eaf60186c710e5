using System.Net;
using System.Net.Sockets;
using Mnist.Client;

namespace Mnist.LoadTesting;

/// <summary>A server that works, what it is sent, and what it answers when it has nothing else to do.</summary>
/// <param name="EndPoint">Where it listens.</param>
/// <param name="Requests">Of so many images each.</param>
/// <param name="Answers">The body of the answer to each request.</param>
/// <param name="Labelled">Digits whose label is known.</param>
/// <param name="Right">How many of these the server reads rightly.</param>
internal sealed record LoadTarget(IPEndPoint EndPoint, DigitRequests Requests, IReadOnlyList<byte[]> Answers, int Labelled, int Right)
{
    private const int LongestAnswerSeconds = 10;

    /// <summary>Asks as any client would, then as the generator will, and compares: an answer under load must have the bytes that this one has.</summary>
    /// <param name="client">A client of the service.</param>
    /// <param name="server">The service's address.</param>
    /// <param name="apiKey">The key, if there is one.</param>
    /// <param name="digits">Digits to send, with their labels where these are known.</param>
    /// <param name="imagesPerRequest">Images of a request.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="MnistClientException">The service could not be reached, does not work, or refuses a digit.</exception>
    /// <exception cref="LoadTestException">It refuses a request, or does not say the same twice.</exception>
    public static async Task<LoadTarget> PrepareAsync(
        MnistClient client, Uri server, string? apiKey, IReadOnlyList<LoadDigit> digits, int imagesPerRequest, CancellationToken cancellationToken)
    {
        List<Classification> classifications = [];
        foreach (var piece in digits.Chunk(imagesPerRequest))
        {
            classifications.AddRange(await client.ClassifyAsync([.. piece.Select(digit => digit.File)], probabilities: true, cancellationToken));
        }

        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.DnsSafeHost, server.Port, cancellationToken);
        var endPoint = (IPEndPoint)socket.RemoteEndPoint!;
        var requests = DigitRequests.Create([.. digits.Select(digit => digit.File)], imagesPerRequest, server, apiKey);
        float[][] expected = [.. classifications.Select(answer => answer.Probabilities!.Select(probability => (float)probability).ToArray())];
        var labelled = digits.Zip(classifications).Where(pair => pair.First.Label is not null).ToList();
        return new LoadTarget(
            endPoint, requests, Ask(endPoint, requests, expected, cancellationToken), labelled.Count, labelled.Count(pair => pair.First.Label == pair.Second.Class));
    }

    private static byte[][] Ask(IPEndPoint server, DigitRequests requests, float[][] expected, CancellationToken cancellationToken)
    {
        using var connection = new LoadConnection(server);
        return [.. requests.Messages.Select((message, request) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            byte[] answer = connection.Ask(message, TimeSpan.FromSeconds(LongestAnswerSeconds));
            AnswerCheck.Require("request " + request, answer, requests.Digits[request], expected);
            return answer;
        })];
    }
}
