using System.Text;

namespace Mnist.LoadTesting;

/// <summary>Requests of a number of digits each.</summary>
/// <param name="ImagesPerRequest">Digits of one request.</param>
/// <param name="Digits">Indexes of each request's digits among all.</param>
/// <param name="Files">Their image files.</param>
/// <param name="Bodies">JSON.</param>
/// <param name="Messages">Whole HTTP requests, head and body.</param>
internal sealed record DigitRequests(
    int ImagesPerRequest, IReadOnlyList<int[]> Digits, IReadOnlyList<byte[][]> Files, IReadOnlyList<byte[]> Bodies, IReadOnlyList<byte[]> Messages)
{
    public const string Path = "/mnist/classify";

    /// <summary>Different requests: enough that nothing is answered from a warm cache alone.</summary>
    private const int Count = 100;

    /// <param name="files">The digits, which are taken in turn.</param>
    /// <param name="imagesPerRequest">Digits of one request.</param>
    /// <param name="server">Its name and path go into the requests.</param>
    /// <param name="apiKey">The key, if it wants one.</param>
    public static DigitRequests Create(IReadOnlyList<byte[]> files, int imagesPerRequest, Uri server, string? apiKey = null)
    {
        int[][] indexes = [.. Enumerable.Range(0, Count).Select(request =>
            Enumerable.Range(request * imagesPerRequest, imagesPerRequest).Select(i => i % files.Count).ToArray())];
        byte[][] bodies = [.. indexes.Select(request => Body(request.Select(i => files[i])))];
        string head = $"POST {server.AbsolutePath.TrimEnd('/')}{Path} HTTP/1.1\r\nHost: {server.Authority}\r\nContent-Type: application/json\r\n"
            + (apiKey is null ? string.Empty : $"Authorization: Bearer {apiKey}\r\n");
        return new DigitRequests(
            imagesPerRequest,
            indexes,
            [.. indexes.Select(request => request.Select(i => files[i]).ToArray())],
            bodies,
            [.. bodies.Select(body => (byte[])[.. Encoding.ASCII.GetBytes($"{head}Content-Length: {body.Length}\r\n\r\n"), .. body])]);
    }

    private static byte[] Body(IEnumerable<byte[]> files) =>
        Encoding.UTF8.GetBytes($"{{\"requests\":[{string.Join(',', files.Select(file => $"{{\"image\":\"{Convert.ToBase64String(file)}\"}}"))}]}}");
}
