using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Mnist.Api.Controllers;
using Mnist.Core;

namespace Mnist.Api.Hosting;

/// <summary>The limits of the HTTP server: requests are small and clients are many.</summary>
internal static class KestrelSetup
{
    public const string DefaultUrl = "http://127.0.0.1:8000";

    /// <returns>The addresses that the settings name.</returns>
    public static string AddKestrel(this WebApplicationBuilder builder)
    {
        // A request line that ends in a bare line feed can mean one thing to a proxy and another to this server.
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);

        if (!HasAddress(builder.Configuration))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        builder.Services.AddOptions<KestrelServerOptions>().Configure<MnistOptions>(Configure);
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, TransportBlocks>();

        // What a socket brings goes on where it was read, on a thread of the pool: to hand it to another one costs more than many a request.
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);

        // With the drain delay less than the 30 s that orchestrators grant before they kill.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
        return builder.Configuration["urls"] ?? string.Empty;
    }

    /// <summary>Accepts <c>//mnist/classify</c>: clients that join a base address ending in a slash with an absolute path send it.</summary>
    public static void UseSingleLeadingSlash(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.Request.Path.Value is { } path && path.StartsWith("//", StringComparison.Ordinal))
        {
            context.Request.Path = path[1..];
        }

        return next(context);
    });

    private static bool HasAddress(ConfigurationManager configuration) =>
        configuration["urls"] is { Length: > 0 } || configuration["http_ports"] is { Length: > 0 } || configuration["https_ports"] is { Length: > 0 }
        || configuration.GetSection("Kestrel:Endpoints").Exists();

    private static void Configure(KestrelServerOptions kestrel, MnistOptions options)
    {
        kestrel.AddServerHeader = false;
        var room = new ConnectionRoom(ConnectionLimit.Find());
        kestrel.ConfigureEndpointDefaults(endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http1;
            endpoint.Use(room.Guard);
        });

        var limits = kestrel.Limits;
        // Of photos. What is refused unread must be taken from the connection, or the client never sees why; a body of digits has its own limit.
        limits.MaxRequestBodySize = options.MaxPhotoRequestBytes;
        limits.MaxRequestBufferSize = 64 * 1024;
        limits.MaxRequestLineSize = 2 * 1024;
        limits.MaxRequestHeadersTotalSize = 8 * 1024;
        limits.MaxRequestHeaderCount = 50;
        limits.Http2.MaxStreamsPerConnection = 32;
        limits.Http2.MaxRequestHeaderFieldSize = 2 * 1024;
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1024, RequestBody.Grace);
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);

        // Longer than a load balancer keeps an idle connection: the server must not be the one that closes it.
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
    }
}
