using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Timeout;

namespace Mnist.Client;

/// <summary>The client's only retry layer: a total timeout around retries around an attempt timeout.</summary>
internal static class Resilience
{
    public const int MaxRetries = 10;
    public static readonly TimeSpan MinTimeout = TimeSpan.FromMilliseconds(10);
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromHours(24);

    // With three retries a refused connection is reported after about a second: 0.15 + 0.3 + 0.6 on average.
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(2);

    /// <summary>Added to Retry-After, as a share of it, so that the clients of a full server do not all return at once.</summary>
    private const double MaxJitter = 0.25;

    /// <summary>Start of the call, as a <see cref="Stopwatch"/> timestamp.</summary>
    private static readonly ResiliencePropertyKey<long> Started = new(nameof(Started));

    public static void Configure(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, MnistClientOptions options)
    {
        pipeline.AddTimeout(new TimeoutStrategyOptions
        {
            TimeoutGenerator = call =>
            {
                call.Context.Properties.Set(Started, Stopwatch.GetTimestamp());
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
                Delay = FirstDelay,
                MaxDelay = MaxDelay,
                ShouldHandle = attempt => ValueTask.FromResult(ShouldRetry(attempt.Outcome, options.TotalTimeout - Elapsed(attempt.Context))),
                DelayGenerator = attempt => ValueTask.FromResult(Delay(attempt.Outcome.Result)),
            });
        }

        pipeline.AddTimeout(options.AttemptTimeout);
    }

    private static bool ShouldRetry(Outcome<HttpResponseMessage> outcome, TimeSpan timeLeft) => outcome switch
    {
        { Exception: TimeoutRejectedException } => true,
        { Exception: HttpRequestException exception } => exception.HttpRequestError != HttpRequestError.ConfigurationLimitExceeded,
        { Result: { } response } => IsTransient(response.StatusCode) && !(RetryAfter(response) * (1 + MaxJitter) >= timeLeft),
        _ => false,
    };

    private static TimeSpan Elapsed(ResilienceContext context) => Stopwatch.GetElapsedTime(context.Properties.GetValue(Started, Stopwatch.GetTimestamp()));

    private static bool IsTransient(HttpStatusCode status)
        => status is HttpStatusCode.RequestTimeout
            or HttpStatusCode.TooManyRequests
            or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout;

    /// <summary>Retry-After plus jitter; null: the exponential backoff applies.</summary>
    private static TimeSpan? Delay(HttpResponseMessage? response)
        => RetryAfter(response) is { } wait && wait > TimeSpan.Zero ? wait * (1 + (Random.Shared.NextDouble() * MaxJitter)) : null;

    private static TimeSpan? RetryAfter(HttpResponseMessage? response)
        => response?.Headers.RetryAfter is { } header ? header.Delta ?? (header.Date - DateTimeOffset.UtcNow) : null;
}
