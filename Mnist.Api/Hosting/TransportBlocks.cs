using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Mnist.Api.Hosting;

/// <summary>
/// The memory that the transport reads into: a body of 64 digits, some 32 KiB, arrives in one read, where the framework's blocks of 4 KiB take eight,
/// each with its system calls.
/// </summary>
internal sealed class TransportBlocks : MemoryPool<byte>, IMemoryPoolFactory<byte>
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
