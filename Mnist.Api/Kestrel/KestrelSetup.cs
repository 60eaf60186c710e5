using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Mnist.Core.Requests;
using Mnist.Core.Settings;

namespace Mnist.Api.Kestrel;

/// <summary>The limits of the HTTP server: requests are small and clients are many.</summary>
internal static class KestrelSetup
{
    public const string DefaultUrl = "http://127.0.0.1:8000";

    /// <summary>Until then an upload may be as slow as it likes.</summary>
    public static readonly TimeSpan UploadGrace = TimeSpan.FromSeconds(2);

    /// <returns>The addresses that the settings name.</returns>
    public static string AddKestrel(this WebApplicationBuilder builder)
    {
        // Request smuggling: a proxy may understand a request line that ends in a bare line feed differently.
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);

        if (!HasAddress(builder.Configuration))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        builder.Services.AddOptions<KestrelServerOptions>().Configure<MnistOptions>(Configure);
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, TransportMemoryPool>();

        // Requests are handled on the pool thread that read the socket: handing them to another costs more than some requests.
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);

        // Together with the drain delay less than the 30 s after which orchestrators kill.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
        return builder.Configuration["urls"] ?? string.Empty;
    }

    private static bool HasAddress(ConfigurationManager configuration) =>
        configuration["urls"] is { Length: > 0 } || configuration["http_ports"] is { Length: > 0 } || configuration["https_ports"] is { Length: > 0 }
        || configuration.GetSection("Kestrel:Endpoints").Exists();

    private static void Configure(KestrelServerOptions kestrel, MnistOptions options)
    {
        kestrel.AddServerHeader = false;
        var limiter = new ConnectionLimiter(ConnectionLimit.Find());
        kestrel.ConfigureEndpointDefaults(endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http1;
            endpoint.Use(limiter.Guard);
        });

        var limits = kestrel.Limits;
        // For photos; RequestBody sets a lower limit for digits. What is rejected unread must be drained from the connection, or the client never sees why.
        limits.MaxRequestBodySize = RequestKind.Photos.MaxBodyBytes(options);
        limits.MaxRequestBufferSize = 64 * 1024;
        limits.MaxRequestLineSize = 2 * 1024;
        limits.MaxRequestHeadersTotalSize = 8 * 1024;
        limits.MaxRequestHeaderCount = 50;
        limits.Http2.MaxStreamsPerConnection = 32;
        limits.Http2.MaxRequestHeaderFieldSize = 2 * 1024;
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1024, UploadGrace);
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);

        // Longer than load balancers keep idle connections: the server must not close first.
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
    }
}
