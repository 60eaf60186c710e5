namespace Mnist.Api.Kestrel;

/// <summary>Writes a JSON body with its length; without it, HTTP/1.1 would send the body in chunks.</summary>
internal static class JsonBody
{
    public const string MediaType = "application/json";

    /// <param name="response">The response, its status set.</param>
    /// <param name="contentType">Content-Type.</param>
    /// <param name="body">JSON in UTF-8; omitted in the response to a HEAD request.</param>
    public static Task WriteAsync(HttpResponse response, string contentType, byte[] body)
    {
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(response.HttpContext.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body).AsTask();
    }
}
