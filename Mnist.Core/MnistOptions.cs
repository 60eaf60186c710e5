using Mnist.Core.Contract;

namespace Mnist.Core;

/// <summary>What an operator can set, in the configuration section <see cref="Section"/>; every value has a default that needs no setting.</summary>
public sealed class MnistOptions
{
    public const string Section = "Mnist";

    /// <summary>The weights file; a relative path starts at the current folder. The default is the network that ships beside the application.</summary>
    public string WeightsPath { get; init; } = Path.Combine(AppContext.BaseDirectory, "weights", "mnist.safetensors");

    /// <summary>The most images one request may hold.</summary>
    public int MaxImagesPerRequest { get; init; } = 64;

    /// <summary>The longest request body in bytes: room for that many image files of the largest size, in base64, and the JSON around them.</summary>
    public long MaxRequestBytes => MaxImagesPerRequest * 24L * 1024 + 4 * 1024;

    /// <summary>The longest request body in bytes where images are normalized: room for one photo of the largest size, or for many small ones.</summary>
    public long MaxPhotoRequestBytes => Math.Max(MaxRequestBytes, (ClassifyRequestValidator.MaxPhotoBytes / 3 + 1) * 4L + 4 * 1024);

    /// <summary>The most images that may be read, decoded, queued or computed at one time; what comes on top is refused.</summary>
    public int MaxImagesInFlight { get; init; } = 4096;

    /// <summary>The most images one engine worker takes at a time.</summary>
    public int MaxBatchSize { get; init; } = 64;

    /// <summary>Engine workers, each a thread with its own workspace.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>The longest time from the moment a request's body has arrived to its answer; a client may ask for less.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a batch may compute before the server counts as hung and stops being live.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many of the <see cref="SelfTest.DigitCount"/> known digits a network may misread and still be served.</summary>
    public int MaxSelfTestErrors { get; init; } = 2;

    /// <summary>How long the server goes on answering, no longer ready, after it is told to stop: the time balancers need to turn away.</summary>
    public TimeSpan DrainDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Where metrics and reload are served, such as <c>http://127.0.0.1:8001</c>; empty: nowhere. Who reaches it may use it.</summary>
    public string ManagementUrl { get; init; } = string.Empty;

    /// <summary>Who may use the service; empty: anyone who reaches it.</summary>
    public IReadOnlyList<ApiKeySetting> ApiKeys { get; init; } = [];
}
