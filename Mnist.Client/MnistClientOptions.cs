namespace Mnist.Client;

/// <summary>Settings of <see cref="MnistClient"/>. Validated when the host starts, or else at first use.</summary>
public sealed class MnistClientOptions
{
    /// <summary>
    /// The service's address: an absolute http or https URI without query and fragment; <c>http://127.0.0.1:8000/</c> by default. Its path is kept, with or
    /// without a slash at its end.
    /// </summary>
    public Uri BaseAddress { get; set; } = new("http://127.0.0.1:8000/");

    /// <summary>The API key, if the service requires one: visible ASCII characters, sent as <c>Authorization: Bearer</c>. None by default.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The most images in one HTTP request, at least 1; 64 by default, as in the service's own default configuration.</summary>
    public int MaxImagesPerRequest { get; set; } = 64;

    /// <summary>
    /// The timeout of one attempt, including its response: 10 milliseconds to <see cref="TotalTimeout"/>; 10 seconds by default.
    /// </summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The timeout of one HTTP request with all its retries and the delays between them: at most 24 hours; 30 seconds by default.</summary>
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The number of retries, 0 to 10; 3 by default. A request is retried after a lost connection, a timeout of the attempt, or status 408, 429, 502,
    /// 503 or 504. Requests are idempotent, so a retry is safe.
    /// </summary>
    public int MaxRetries { get; set; } = 3;
}
