namespace Mnist.Client;

/// <summary>Where the service is and how patient the client is with it. Checked when the host starts, or else at first use.</summary>
public sealed class MnistClientOptions
{
    /// <summary>The address of the service, <c>http://127.0.0.1:8000/</c> by default. A path is kept, with or without a slash at its end.</summary>
    public Uri BaseAddress { get; set; } = new("http://127.0.0.1:8000/");

    /// <summary>The key that the service asks for, if it does; sent as <c>Authorization: Bearer</c>.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The most images that go into one HTTP request, at least 1; the service accepts 64 unless it is configured otherwise.</summary>
    public int MaxImagesPerRequest { get; set; } = 64;

    /// <summary>How long one attempt of an HTTP request may take, its answer included; 10 seconds by default.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one HTTP request may take with all its retries and the pauses between them; 30 seconds by default.</summary>
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often a request is sent again, 0 to 10, after a lost connection, an attempt that took too long, or an answer 408, 429, 502, 503 or 504;
    /// 3 by default. Classifying twice changes nothing, so that this is always safe.
    /// </summary>
    public int MaxRetries { get; set; } = 3;
}
