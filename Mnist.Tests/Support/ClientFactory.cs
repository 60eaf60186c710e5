using Microsoft.Extensions.DependencyInjection;
using Mnist.Client;

namespace Mnist.Tests.Support;

/// <summary>Creates clients with <c>AddMnistClient</c>, as applications do.</summary>
internal sealed class ClientFactory : IDisposable
{
    private readonly ServiceProvider _provider;

    public ClientFactory(Uri address, Action<MnistClientOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddMnistClient(options =>
        {
            options.BaseAddress = address;
            configure?.Invoke(options);
        });
        _provider = services.BuildServiceProvider();
    }

    public MnistClient Client => _provider.GetRequiredService<MnistClient>();

    public void Dispose() => _provider.Dispose();
}
