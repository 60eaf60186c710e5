using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Mnist.Client;

namespace Mnist.Cli;

/// <summary>The client of one service, for as long as a command runs.</summary>
internal sealed class ServiceConnection : IAsyncDisposable
{
    private readonly ServiceProvider _provider;

    /// <exception cref="CommandException">The address or the key cannot be one.</exception>
    public ServiceConnection(Uri server, string? apiKey)
    {
        var services = new ServiceCollection();
        services.AddMnistClient(options => (options.BaseAddress, options.ApiKey) = (server, apiKey));
        _provider = services.BuildServiceProvider();
        try
        {
            Client = _provider.GetRequiredService<MnistClient>();
        }
        catch (OptionsValidationException exception)
        {
            _provider.Dispose();
            throw new CommandException(ExitCode.Usage, exception.Message);
        }
    }

    public MnistClient Client { get; }

    public ValueTask DisposeAsync() => _provider.DisposeAsync();
}
