using Microsoft.AspNetCore.Connections;

namespace Mnist.Api.Hosting;

/// <summary>Closes the connections that are too many. The HTTP server's own limit counts those of each address by themselves.</summary>
internal sealed class ConnectionRoom(int limit)
{
    private int _open;

    public ConnectionDelegate Guard(ConnectionDelegate next) => async connection =>
    {
        try
        {
            if (Interlocked.Increment(ref _open) <= limit)
            {
                await next(connection);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    };
}
