using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Timeout;

namespace Mnist.Client;

/// <summary>The client's one retry layer: total timeout around retries around attempt timeout.</summary>
internal static class Resilience
{
    public const int MaxRetries = 10;
    public static readonly TimeSpan MinTimeout = TimeSpan.FromMilliseconds(10);
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromHours(24);

    // With three retries a refused connection surfaces after about a second: 0.15 + 0.3 + 0.6 on average.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>How much longer than the service asks for a client waits at most, so that its clients do not come back all at once.</summary>
    private const double MostJitter = 0.25;

    /// <summary>When the call began, as a <see cref="Stopwatch"/> timestamp.</summary>
    private static readonly ResiliencePropertyKey<long> Began = new(nameof(Began));

    public static void Configure(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, MnistClientOptions options)
    {
        pipeline.AddTimeout(new TimeoutStrategyOptions
        {
            TimeoutGenerator = call =>
            {
                call.Context.Properties.Set(Began, Stopwatch.GetTimestamp());
                return ValueTask.FromResult(options.TotalTimeout);
            },
        });
        if (options.MaxRetries > 0)
        {
            pipeline.AddRetry(new HttpRetryStrategyOptions
            {
                MaxRetryAttempts = options.MaxRetries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = FirstPause,
                MaxDelay = LongestPause,
                ShouldHandle = attempt => ValueTask.FromResult(IsWorthRetrying(attempt.Outcome, options.TotalTimeout - Elapsed(attempt.Context))),
                DelayGenerator = attempt => ValueTask.FromResult(Pause(attempt.Outcome.Result)),
            });
        }

        pipeline.AddTimeout(options.AttemptTimeout);
    }

    private static bool IsWorthRetrying(Outcome<HttpResponseMessage> outcome, TimeSpan timeLeft) => outcome switch
    {
        { Exception: TimeoutRejectedException } => true,
        { Exception: HttpRequestException exception } => exception.HttpRequestError != HttpRequestError.ConfigurationLimitExceeded,
        { Result: { } response } => IsTransient(response.StatusCode) && !(RetryAfter(response) * (1 + MostJitter) >= timeLeft),
        _ => false,
    };

    private static TimeSpan Elapsed(ResilienceContext context) => Stopwatch.GetElapsedTime(context.Properties.GetValue(Began, Stopwatch.GetTimestamp()));

    private static bool IsTransient(HttpStatusCode status)
        => status is HttpStatusCode.RequestTimeout
            or HttpStatusCode.TooManyRequests
            or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout;

    /// <summary>What the service asks for and some more; null leaves it to the backoff.</summary>
    private static TimeSpan? Pause(HttpResponseMessage? response)
        => RetryAfter(response) is { } wait && wait > TimeSpan.Zero ? wait * (1 + (Random.Shared.NextDouble() * MostJitter)) : null;

    private static TimeSpan? RetryAfter(HttpResponseMessage? response)
        => response?.Headers.RetryAfter is { } header ? header.Delta ?? (header.Date - DateTimeOffset.UtcNow) : null;
}
