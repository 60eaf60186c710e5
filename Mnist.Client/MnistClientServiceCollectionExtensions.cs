using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mnist.Client;

/// <summary>Registers <see cref="MnistClient"/>.</summary>
public static class MnistClientServiceCollectionExtensions
{
    /// <summary>
    /// Registers <see cref="MnistClient"/> with its options, timeouts and retries. Do not add another retry handler to the returned builder.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets the options; null: the defaults.</param>
    /// <returns>The builder of the underlying <see cref="HttpClient"/>, for headers, certificates or a proxy.</returns>
    /// <exception cref="InvalidOperationException">The client is already registered; a second registration would multiply the retries.</exception>
    public static IHttpClientBuilder AddMnistClient(this IServiceCollection services, Action<MnistClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(service => service.ServiceType == typeof(MnistClient)))
        {
            throw new InvalidOperationException("AddMnistClient was already called on these services; call it once.");
        }

        services.AddOptions<MnistClientOptions>()
            .Configure(configure ?? (_ => { }))
            .Validate(
                options => options.BaseAddress is { IsAbsoluteUri: true, Scheme: "http" or "https", Query: "", Fragment: "" },
                "BaseAddress must be an absolute http or https address without query and fragment, such as http://127.0.0.1:8000/.")
            .Validate(
                options => options.ApiKey is null || (options.ApiKey.Length > 0 && options.ApiKey.All(letter => letter is > ' ' and <= '~')),
                "ApiKey must have one or more visible ASCII characters, or be null.")
            .Validate(options => options.MaxImagesPerRequest >= 1, "MaxImagesPerRequest must be at least 1.")
            .Validate(
                options => options.AttemptTimeout >= Resilience.MinTimeout && options.AttemptTimeout <= options.TotalTimeout,
                "AttemptTimeout must be at least 10 milliseconds and at most TotalTimeout.")
            .Validate(options => options.TotalTimeout <= Resilience.MaxTimeout, "TotalTimeout must be at most 24 hours.")
            .Validate(options => options.MaxRetries is >= 0 and <= Resilience.MaxRetries, "MaxRetries must be between 0 and 10.")
            .ValidateOnStart();

        var builder = services.AddHttpClient(nameof(MnistClient), (provider, http) =>
            {
                http.BaseAddress = WithSlash(Options(provider).BaseAddress);
                http.DefaultRequestHeaders.Authorization = Options(provider).ApiKey is { } key ? new AuthenticationHeaderValue("Bearer", key) : null;
                http.Timeout = Timeout.InfiniteTimeSpan; // The resilience pipeline has its own timeouts.
            })
            .AddTypedClient((http, provider) => new MnistClient(http, Options(provider)))
            // Pooled connections are renewed, so that a client held by a singleton follows DNS changes, too.
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            })
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan);
        builder.AddResilienceHandler("retry", (pipeline, context) => Resilience.Configure(pipeline, Options(context.ServiceProvider)));
        return builder.AddHttpMessageHandler(provider => new ResponseBuffer(Options(provider)));
    }

    private static MnistClientOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<MnistClientOptions>>().Value;

    // Resolving a relative URI replaces everything after the last slash of the base.
    private static Uri WithSlash(Uri address) => address.AbsolutePath.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");
}
