namespace Mnist.Api.Controllers;

/// <summary>Writes a body of known length in one piece: without its length, HTTP would send it in chunks.</summary>
internal static class JsonBody
{
    /// <param name="response">Whose status is set already.</param>
    /// <param name="contentType">The kind of JSON.</param>
    /// <param name="body">JSON in UTF-8; left out of the answer to a HEAD request.</param>
    public static Task WriteAsync(HttpResponse response, string contentType, byte[] body)
    {
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(response.HttpContext.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body).AsTask();
    }
}
