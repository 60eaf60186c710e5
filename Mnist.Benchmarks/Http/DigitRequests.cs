using System.Text;
using Mnist.Cli;
using Mnist.Training.Data;

namespace Mnist.Benchmarks.Http;

/// <summary>Requests of a number of golden digits each.</summary>
/// <param name="ImagesPerRequest">Digits of one request.</param>
/// <param name="Digits">Indexes of each request's digits among the golden ones.</param>
/// <param name="Files">Their PNG files.</param>
/// <param name="Bodies">JSON.</param>
/// <param name="Messages">Whole HTTP requests, head and body.</param>
internal sealed record DigitRequests(
    int ImagesPerRequest, IReadOnlyList<int[]> Digits, IReadOnlyList<byte[][]> Files, IReadOnlyList<byte[]> Bodies, IReadOnlyList<byte[]> Messages)
{
    public const string Path = "/mnist/classify";

    /// <summary>Different requests: enough that nothing is answered from a warm cache alone.</summary>
    private const int Count = 100;

    /// <param name="digits">The digits that the golden predictions are about.</param>
    /// <param name="imagesPerRequest">Digits of one request.</param>
    public static DigitRequests Create(DigitDataset digits, int imagesPerRequest)
    {
        byte[][] files = [.. digits.Images.Chunk(DigitDataset.PixelCount).Select(pixels => DigitPng.Encode(pixels))];
        int[][] indexes = [.. Enumerable.Range(0, Count).Select(request =>
            Enumerable.Range(request * imagesPerRequest, imagesPerRequest).Select(i => i % files.Length).ToArray())];
        byte[][] bodies = [.. indexes.Select(request => Body(request.Select(i => files[i])))];
        return new DigitRequests(imagesPerRequest, indexes, [.. indexes.Select(request => request.Select(i => files[i]).ToArray())], bodies, [.. bodies.Select(Message)]);
    }

    private static byte[] Body(IEnumerable<byte[]> files) =>
        Encoding.UTF8.GetBytes($"{{\"requests\":[{string.Join(',', files.Select(file => $"{{\"image\":\"{Convert.ToBase64String(file)}\"}}"))}]}}");

    private static byte[] Message(byte[] body) =>
        [.. Encoding.ASCII.GetBytes($"POST {Path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n"), .. body];
}
