using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Mnist.Client;

namespace Mnist.Cli;

/// <summary>The client of one service, for as long as a command runs.</summary>
internal sealed class ServiceConnection : IAsyncDisposable
{
    /// <summary>Holds the key where no option does.</summary>
    public const string KeyVariable = "MNIST_API_KEY";

    private readonly ServiceProvider _provider;

    /// <param name="server">The service's address.</param>
    /// <param name="apiKey">The key; null: the variable's, if it is set.</param>
    /// <exception cref="CommandException">The address or the key cannot be one.</exception>
    public ServiceConnection(Uri server, string? apiKey)
    {
        ApiKey = apiKey ?? (Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } variable ? variable : null);
        var services = new ServiceCollection();
        services.AddMnistClient(options => (options.BaseAddress, options.ApiKey) = (server, ApiKey));
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

    /// <summary>The key in use; null: none.</summary>
    public string? ApiKey { get; }

    public ValueTask DisposeAsync() => _provider.DisposeAsync();
}
