using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace PiGrid.Silo.Hosting;

/// <summary>
/// The blocks that Kestrel reads into and writes from: 32 KiB instead of its own 4 KiB, so that a call's input of some hundred KiB takes tens of system calls instead
/// of hundreds. A connection has blocks only while bytes wait in them.
/// </summary>
internal sealed class BlockPool : MemoryPool<byte>
{
    private const int BlockBytes = 32 << 10;

    /// <inheritdoc/>
    public override int MaxBufferSize => Shared.MaxBufferSize;

    /// <inheritdoc/>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => Shared.Rent(Math.Max(minBufferSize, BlockBytes));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // The blocks are the process's.
    }
}

/// <summary>Gives Kestrel a <see cref="BlockPool"/>.</summary>
internal sealed class BlockPools : IMemoryPoolFactory<byte>
{
    /// <inheritdoc/>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new BlockPool();
}
