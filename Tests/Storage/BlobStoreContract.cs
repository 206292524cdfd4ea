using PiGrid.Grains.Storage;

namespace PiGrid.Tests.Storage;

/// <summary>What everything relies on of a blob store, whatever keeps it. A store joins by deriving from this.</summary>
public abstract class BlobStoreContract : IAsyncLifetime
{
    protected static readonly TimeSpan Grace = TimeSpan.FromDays(4);

    protected IBlobStore Store { get; private set; } = null!;

    protected ManualTime Time { get; } = new();

    protected static BlobOptions Limits { get; } = new() { SmallBytesMax = 1024, GracePeriod = Grace };

    protected abstract Task<IBlobStore> OpenAsync();

    protected abstract Task CloseAsync();

    /// <summary>The sizes around which the store does something else.</summary>
    public static TheoryData<int> Sizes { get; } = [0, 1, 1023, 1024, 1025, 300_000];

    public async Task InitializeAsync() => Store = await OpenAsync();

    public Task DisposeAsync() => CloseAsync();

    [ContractTheory]
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

    [ContractTheory]
    [MemberData(nameof(Sizes))]
    public async Task Put_OfMoreThanAllowed_IsRefusedAndKeepsNothing(int size)
    {
        var bytes = Bytes(size + 1);

        await Assert.ThrowsAsync<BlobRejectedException>(() => Store.PutAsync(new Trickle(bytes), null, size, default));

        Assert.Null(await Store.FindAsync(Sha256.Of(bytes), default));
    }

    [ContractTheory]
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

    [ContractTheory]
    [MemberData(nameof(Sizes))]
    public async Task Put_WhenTheSenderBreaksOff_KeepsNothing(int size)
    {
        var bytes = Bytes(size);

        await Assert.ThrowsAsync<EndOfStreamException>(() => Store.PutAsync(new Trickle(bytes, breaksOff: true), null, 1 << 20, default));

        Assert.Null(await Store.FindAsync(Sha256.Of(bytes), default));
    }

    [ContractFact]
    public async Task Put_OfTheSameBytesAtOnce_IsHarmless()
    {
        var bytes = Bytes(5000);

        var blobs = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Store.PutAsync(new Trickle(bytes), null, 5000, default)));

        Assert.Single(blobs.Distinct());
        Assert.Equal(bytes, await Store.ReadBytesAsync(blobs[0].Sha256, 5000, default));
    }

    [ContractFact]
    public async Task Open_WhenThereIsNoSuchBlob_GivesNull()
    {
        Assert.Null(await Store.OpenAsync(Sha256.Of("none"u8), default));
        Assert.Null(await Store.FindAsync(Sha256.Of("none"u8), default));
    }

    [ContractTheory]
    [MemberData(nameof(Sizes))]
    public async Task Remove_TakesABlobThatIsOldEnough_AndItCanBePutAgain(int size)
    {
        var blob = await Store.PutBytesAsync(Bytes(size), default);
        Time.Advance(TimeSpan.FromDays(1));

        Assert.False(await Store.RemoveAsync(blob.Sha256, Time.GetUtcNow() - TimeSpan.FromDays(1), default));
        Assert.True(await Store.RemoveAsync(blob.Sha256, Time.GetUtcNow(), default));

        Assert.False(await Store.RemoveAsync(blob.Sha256, Time.GetUtcNow(), default));
        Assert.Null(await Store.FindAsync(blob.Sha256, default));
        Assert.Null(await Store.OpenAsync(blob.Sha256, default));
        await Store.PutBytesAsync(Bytes(size), default);
        Assert.Equal(Bytes(size), await Store.ReadBytesAsync(blob.Sha256, size, default));
    }

    [ContractTheory]
    [InlineData(100, true)]
    [InlineData(100, false)]
    [InlineData(5000, true)]
    [InlineData(5000, false)]
    public async Task Remove_OfABlobThatWasPutOrFoundAgain_LeavesIt(int size, bool isPut)
    {
        var blob = await Store.PutBytesAsync(Bytes(size), default);
        Time.Advance(Grace * 2);
        var before = Time.GetUtcNow() - Grace;
        Assert.Contains(blob, await ListAsync(before));

        Assert.NotNull(isPut ? await Store.PutBytesAsync(Bytes(size), default) : await Store.FindAsync(blob.Sha256, default));

        Assert.DoesNotContain(blob, await ListAsync(before));
        Assert.False(await Store.RemoveAsync(blob.Sha256, before, default));
        // Nor within the time that the finder has to name it.
        Time.Advance(Grace / 2);
        Assert.NotNull(await Store.FindAsync(blob.Sha256, default));
        Time.Advance(Grace / 2);
        Assert.False(await Store.RemoveAsync(blob.Sha256, Time.GetUtcNow() - Grace, default));
    }

    [ContractFact]
    public async Task List_GivesEveryBlobOnce_WithItsSize()
    {
        var put = new List<BlobRef>();
        for (var i = 0; i < 30; i++)
        {
            put.Add(await Store.PutBytesAsync(Bytes(i * 100), default));
        }

        Time.Advance(TimeSpan.FromSeconds(1));
        var young = await Store.PutBytesAsync(Bytes(77), default);

        Assert.Equal(put.OrderBy(b => b.Size), (await ListAsync(Time.GetUtcNow())).OrderBy(b => b.Size));
        Assert.Contains(young, await ListAsync(DateTimeOffset.MaxValue));
    }

    [ContractTheory]
    [InlineData(100)]
    [InlineData(5000)]
    public async Task Open_WhenTheBytesAreNotThoseOfTheName_GivesNull_AndPuttingAgainHeals(int size)
    {
        var blob = await Store.PutBytesAsync(Bytes(size), default);
        await CloseAsync();
        await DamageAsync(blob.Sha256);
        Store = await OpenAsync();

        Assert.Null(await Store.OpenAsync(blob.Sha256, default));

        Assert.Null(await Store.FindAsync(blob.Sha256, default));
        await Store.PutBytesAsync(Bytes(size), default);
        Assert.Equal(blob, await Store.FindAsync(blob.Sha256, default));
        Assert.Equal(Bytes(size), await Store.ReadBytesAsync(blob.Sha256, size, default));
    }

    /// <summary>Changes a byte of a stored blob, while the store is closed.</summary>
    protected abstract Task DamageAsync(Sha256 digest);

    /// <summary>Changes a byte of a file.</summary>
    protected static void DamageFile(string folder, Sha256 digest)
    {
        using var file = File.Open(Directory.GetFiles(folder, digest.Value, SearchOption.AllDirectories).Single(), FileMode.Open);
        file.WriteByte(0xff);
    }

    private async Task<List<BlobRef>> ListAsync(DateTimeOffset before)
    {
        var list = new List<BlobRef>();
        await foreach (var blob in Store.ListAsync(before, default))
        {
            list.Add(blob);
        }

        return list;
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
