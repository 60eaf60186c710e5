using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Mnist.Api.Kestrel;

/// <summary>
/// Blocks of 32 KiB for the transport: a body of 64 digits arrives in one read, where the framework's blocks of 4 KiB need eight, each with its system
/// calls.
/// </summary>
internal sealed class TransportMemoryPool : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    private const int BlockSize = 32 * 1024;

    public override int MaxBufferSize => Shared.MaxBufferSize;

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => Shared.Rent(Math.Max(minBufferSize, BlockSize));

    protected override void Dispose(bool disposing)
    {
        // The blocks belong to the shared pool.
    }
}
