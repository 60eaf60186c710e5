namespace Mnist.Client;

/// <summary>
/// Reads the whole answer, up to a limit, inside the resilience pipeline: an answer that breaks off or trickles is then retried or timed out like any
/// other failure, and no answer can fill the memory.
/// </summary>
internal sealed class AnswerBuffer(MnistClientOptions options) : DelegatingHandler
{
    // Class and eleven probabilities with all their digits take less than 512 bytes, an error message about as much, a preview at most 1.2 KB.
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
