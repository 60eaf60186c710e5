using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Mnist.Client;

namespace Mnist.Cli.Shared;

/// <summary>A client of the service, for the duration of a command.</summary>
internal sealed class ServiceConnection : IAsyncDisposable
{
    /// <summary>Environment variable with the API key, used without <c>--api-key</c>.</summary>
    public const string KeyVariable = "MNIST_API_KEY";

    private readonly ServiceProvider _provider;

    /// <param name="server">The service's address.</param>
    /// <param name="apiKey">The API key; null: the value of <see cref="KeyVariable"/>, if it is set.</param>
    /// <exception cref="CommandException">The address or the key is invalid.</exception>
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

    /// <summary>The API key in use; null: none.</summary>
    public string? ApiKey { get; }

    public ValueTask DisposeAsync() => _provider.DisposeAsync();
}
