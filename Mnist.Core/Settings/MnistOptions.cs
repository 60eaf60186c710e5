namespace Mnist.Core.Settings;

/// <summary>What an operator can set, in the configuration section <see cref="Section"/>; every value has a default that needs no setting.</summary>
public sealed class MnistOptions
{
    public const string Section = "Mnist";

    /// <summary>Known digits that a network must classify before it is served.</summary>
    public const int SelfTestDigitCount = 20;

    /// <summary>The weights file; a relative path starts at the current folder. The default is the network that ships beside the application.</summary>
    public string WeightsPath { get; init; } = Path.Combine(AppContext.BaseDirectory, "weights", "mnist.safetensors");

    /// <summary>The most images one request may hold.</summary>
    public int MaxImagesPerRequest { get; init; } = 64;

    /// <summary>The most images that may be read, decoded, queued or computed at one time; further requests are rejected.</summary>
    public int MaxImagesInFlight { get; init; } = 4096;

    /// <summary>The most images one engine worker takes at a time.</summary>
    public int MaxBatchSize { get; init; } = 64;

    /// <summary>Engine workers, each a thread with its own workspace.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>The longest time from the moment a request's body has arrived to its answer; a client may ask for less.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a batch may take before its worker counts as stuck and the server as no longer live.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many of the <see cref="SelfTestDigitCount"/> known digits a network may misclassify and still be served.</summary>
    public int MaxSelfTestErrors { get; init; } = 2;

    /// <summary>How long the server, no longer ready, goes on answering after SIGTERM: the time that load balancers need to notice.</summary>
    public TimeSpan DrainDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Where metrics and reload are served, such as <c>http://127.0.0.1:8001</c>; empty: nowhere. Who reaches it may use it.</summary>
    public string ManagementUrl { get; init; } = string.Empty;

    /// <summary>Who may use the service; empty: anyone who reaches it.</summary>
    public IReadOnlyList<ApiKeySetting> ApiKeys { get; init; } = [];
}
