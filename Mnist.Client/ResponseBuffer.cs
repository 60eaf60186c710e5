namespace Mnist.Client;

/// <summary>
/// Reads the whole response, up to a limit, inside the resilience pipeline. A response that breaks off or arrives slowly is thus retried or times out
/// like any other failure, and no response can exhaust the memory.
/// </summary>
internal sealed class ResponseBuffer(MnistClientOptions options) : DelegatingHandler
{
    // Per image: a class and eleven probabilities take at most 512 bytes, an error message about as much, a preview at most 1.2 KB.
    private readonly long _maxBytes = (64L * 1024) + (4096L * options.MaxImagesPerRequest);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        try
        {
            await response.Content.LoadIntoBufferAsync(_maxBytes, cancellationToken).ConfigureAwait(false);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
