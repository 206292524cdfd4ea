using PiGrid.Grains.Storage;

namespace PiGrid.Tests.Storage;

/// <summary>What everything relies on of a blob store, whatever keeps it. A store joins by deriving from this.</summary>
public abstract class BlobStoreContract : IAsyncLifetime
{
    protected IBlobStore Store { get; private set; } = null!;

    protected abstract Task<IBlobStore> OpenAsync();

    protected abstract Task CloseAsync();

    /// <summary>The sizes around which the store does something else.</summary>
    public static TheoryData<int> Sizes { get; } = [0, 1, 1023, 1024, 1025, 300_000];

    public async Task InitializeAsync() => Store = await OpenAsync();

    public Task DisposeAsync() => CloseAsync();

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Put_ThenOpen_GivesTheBytesBack_AlsoAfterReopening(int size)
    {
        var bytes = Bytes(size);
        var blob = await Store.PutAsync(new Trickle(bytes), Sha256.Of(bytes), size, default);
        Assert.Equal(new BlobRef(Sha256.Of(bytes), size), blob);
        await CloseAsync();
        Store = await OpenAsync();

        Assert.Equal(blob, await Store.FindAsync(blob.Sha256, default));
        await using var stream = await Store.OpenAsync(blob.Sha256, default);
        Assert.Equal((size, true), ((int)stream!.Length, stream.CanSeek));
        Assert.Equal(bytes, await Store.ReadBytesAsync(blob.Sha256, size, default));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Put_OfMoreThanAllowed_IsRefusedAndKeepsNothing(int size)
    {
        var bytes = Bytes(size + 1);

        await Assert.ThrowsAsync<BlobRejectedException>(() => Store.PutAsync(new Trickle(bytes), null, size, default));

        Assert.Null(await Store.FindAsync(Sha256.Of(bytes), default));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Put_OfOtherBytesThanNamed_IsRefusedAndKeepsNothing(int size)
    {
        var bytes = Bytes(size);
        var named = Sha256.Of("something else"u8);

        var refused = await Assert.ThrowsAsync<BlobRejectedException>(() => Store.PutAsync(new Trickle(bytes), named, 1 << 20, default));

        Assert.Contains(named.Value, refused.Message, StringComparison.Ordinal);
        Assert.Null(await Store.FindAsync(named, default));
        Assert.Null(await Store.FindAsync(Sha256.Of(bytes), default));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Put_WhenTheSenderBreaksOff_KeepsNothing(int size)
    {
        var bytes = Bytes(size);

        await Assert.ThrowsAsync<EndOfStreamException>(() => Store.PutAsync(new Trickle(bytes, breaksOff: true), null, 1 << 20, default));

        Assert.Null(await Store.FindAsync(Sha256.Of(bytes), default));
    }

    [Fact]
    public async Task Put_OfTheSameBytesAtOnce_IsHarmless()
    {
        var bytes = Bytes(5000);

        var blobs = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Store.PutAsync(new Trickle(bytes), null, 5000, default)));

        Assert.Single(blobs.Distinct());
        Assert.Equal(bytes, await Store.ReadBytesAsync(blobs[0].Sha256, 5000, default));
    }

    [Fact]
    public async Task Open_WhenThereIsNoSuchBlob_GivesNull()
    {
        Assert.Null(await Store.OpenAsync(Sha256.Of("none"u8), default));
        Assert.Null(await Store.FindAsync(Sha256.Of("none"u8), default));
    }

    private static byte[] Bytes(int size) => Enumerable.Range(0, size).Select(i => (byte)(i % 251)).ToArray();

    /// <summary>A sender that gives a few bytes at a time, as networks do.</summary>
    private sealed class Trickle(byte[] bytes, bool breaksOff = false) : Stream
    {
        private int _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            if (breaksOff && _at == bytes.Length)
            {
                throw new EndOfStreamException("The sender is gone.");
            }

            var count = Math.Min(Math.Min(buffer.Length, 700), bytes.Length - _at);
            bytes.AsMemory(_at, count).CopyTo(buffer);
            _at += count;
            return count;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
