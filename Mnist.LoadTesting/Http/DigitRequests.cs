using System.Text;

namespace Mnist.LoadTesting.Http;

/// <summary>Classification requests with the same number of digits each.</summary>
/// <param name="ImagesPerRequest">Digits in one request.</param>
/// <param name="Digits">For each request, the indexes of its digits.</param>
/// <param name="Files">For each request, the image files of its digits.</param>
/// <param name="Bodies">For each request, its JSON body.</param>
/// <param name="Messages">For each request, the whole HTTP message: head and body.</param>
internal sealed record DigitRequests(
    int ImagesPerRequest, IReadOnlyList<int[]> Digits, IReadOnlyList<byte[][]> Files, IReadOnlyList<byte[]> Bodies, IReadOnlyList<byte[]> Messages)
{
    public const string Path = "/mnist/classify";

    /// <summary>Number of different requests: enough that the server's caches do not hold them all.</summary>
    private const int Count = 100;

    /// <param name="files">The digits; requests use them in turn.</param>
    /// <param name="imagesPerRequest">Digits in one request.</param>
    /// <param name="server">The server's address; gives the requests' host and path.</param>
    /// <param name="apiKey">The API key; null: none.</param>
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
