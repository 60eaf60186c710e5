namespace Mnist.SystemTests;

/// <summary>The server with its default settings and the shipped weights, as a process.</summary>
internal sealed class ShippedServer : IDisposable
{
    private readonly ServerProcess _process;

    private ShippedServer(ServerProcess process, Uri address)
    {
        _process = process;
        Address = address;
    }

    public Uri Address { get; }

    public static async Task<ShippedServer> StartAsync(CancellationToken cancellationToken)
    {
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        var process = ServerProcess.Start(address.ToString());
        try
        {
            await process.WaitUntilReadyAsync(address, cancellationToken);
            return new ShippedServer(process, address);
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    public void Dispose() => _process.Dispose();
}
