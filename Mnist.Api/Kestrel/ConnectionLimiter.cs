using Microsoft.AspNetCore.Connections;

namespace Mnist.Api.Kestrel;

/// <summary>Closes connections over the limit. Kestrel's own limit counts each address separately.</summary>
internal sealed class ConnectionLimiter(int limit)
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
