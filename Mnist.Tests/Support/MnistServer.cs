using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Mnist.Api.Controllers;
using Mnist.Core.Models;

namespace Mnist.Tests.Support;

/// <summary>The whole server on Kestrel and a free port; limits do not exist on the in-memory test server.</summary>
internal sealed class MnistServer : WebApplicationFactory<ClassifyController>
{
    public const string Path = "/mnist/classify";

    private readonly Action<IServiceCollection> _change;
    private readonly (string Name, string Value)[] _settings;

    private MnistServer(Action<IServiceCollection> change, (string Name, string Value)[] settings)
    {
        _change = change;
        _settings = settings;
        UseKestrel(0);
        StartServer();
        Client = CreateClient();
    }

    public HttpClient Client { get; }

    /// <summary>A server with random weights.</summary>
    public static MnistServer Start(params (string Name, string Value)[] settings) => new(_ => { }, settings);

    /// <summary>A server with the shipped weights.</summary>
    public static MnistServer StartShipped(params (string Name, string Value)[] settings) =>
        Start([("Mnist:WeightsPath", Repository.PathOf("weights", "mnist.safetensors")), ("Mnist:MaxSelfTestErrors", "2"), .. settings]);

    /// <summary>A server whose engine is <paramref name="forward"/>.</summary>
    public static MnistServer StartWith(ForwardFunction forward, params (string Name, string Value)[] settings) =>
        new(services => services.AddSingleton<DigitModel>(new FakeModel("test", forward)), settings);

    /// <summary>A server that gets every request as <paramref name="change"/> leaves it.</summary>
    public static MnistServer StartBehind(Func<HttpContext, Task> change) => new(services => services.AddSingleton<IStartupFilter>(new Before(change)), []);

    /// <summary>A request body of these images.</summary>
    public static string Body(params IEnumerable<string> images) => $"{{\"requests\":[{string.Join(',', images.Select(image => $"{{\"image\":\"{image}\"}}"))}]}}";

    public static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    public Task<HttpResponseMessage> PostAsync(string body, string path = Path) => Client.PostAsync(new Uri(path, UriKind.Relative), Json(body));

    /// <summary>Classifies one good image and checks the answer: whatever came before, the server works.</summary>
    public async Task AssertStillWorksAsync()
    {
        using var response = await PostAsync(Body(TestDigits.Base64()));
        Assert.That((int)response.StatusCode, Is.EqualTo(200));
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(answer.GetProperty("responses").GetArrayLength(), Is.EqualTo(1));
    }

    /// <summary>A connection to send bytes on that no HTTP client would send.</summary>
    public async Task<NetworkStream> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(Client.BaseAddress!.Host, Client.BaseAddress.Port);
        return new NetworkStream(socket, ownsSocket: true);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach (var (name, value) in RandomWeights.Settings)
        {
            builder.UseSetting(name, value);
        }

        builder.UseSetting("Serilog:MinimumLevel:Default", "Fatal");
        foreach (var (name, value) in _settings)
        {
            builder.UseSetting(name, value);
        }

        builder.ConfigureTestServices(_change);
    }

    private sealed class Before(Func<HttpContext, Task> change) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, then) =>
            {
                await change(context);
                await then(context);
            });
            next(app);
        };
    }
}
