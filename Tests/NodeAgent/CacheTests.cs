using Microsoft.Extensions.Logging.Abstractions;
using PiGrid.NodeAgent.Cache;
using PiGrid.NodeAgent.Identity;
using PiGrid.NodeAgent.Work;

namespace PiGrid.Tests.NodeAgent;

/// <summary>Blobs on the node's disk.</summary>
public sealed class CacheTests : IAsyncLifetime
{
    private static readonly HttpClient Http = new();

    private readonly string _folder = Directory.CreateDirectory(AgentRun.NewFolder()).FullName;
    private ProtocolGrid _grid = null!;
    private BlobCache _cache = null!;

    public async Task InitializeAsync()
    {
        _grid = await ProtocolGrid.StartAsync();
        var transport = new BlobTransport(Http, GridAddress.Parse(_grid.Url, insecure: false), new BandwidthCap(TimeProvider.System), TimeProvider.System);
        _cache = new(_folder, transport, TimeProvider.System, NullLogger.Instance) { RetryPause = TimeSpan.FromMilliseconds(1), DiskReserveBytes = 0 };
    }

    public async Task DisposeAsync()
    {
        await _grid.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Download_WhenTheConnectionBreaks_GoesOnWhereItEnded()
    {
        var blob = _grid.AddBlob(Bytes(1, 300_000));
        var breaks = 1;
        _grid.Serve = (bytes, from) => Interlocked.Decrement(ref breaks) >= 0 ? bytes[from..100_000] : bytes[from..];

        using var use = await _cache.UseAsync(blob, "g", default);

        Assert.Equal(blob.Sha256, Sha256.Of(use.Bytes));
        Assert.Equal([0, 100_000], _grid.BlobRequests.Select(r => r.From));
    }

    [Fact]
    public async Task Download_WhenDamaged_IsFetchedAgain()
    {
        var blob = _grid.AddBlob(Bytes(2, 1000));
        var lies = 1;
        _grid.Serve = (bytes, from) => Interlocked.Decrement(ref lies) >= 0 ? new byte[bytes.Length] : bytes[from..];

        using var use = await _cache.UseAsync(blob, "g", default);

        Assert.Equal(blob.Sha256, Sha256.Of(use.Bytes));
    }

    [Fact]
    public async Task Download_WhenAlwaysDamaged_IsGivenUpWithTheDigest()
    {
        var blob = _grid.AddBlob(Bytes(3, 1000));
        _grid.Serve = (bytes, _) => new byte[bytes.Length];

        var error = await Assert.ThrowsAsync<BlobUnavailableException>(() => _cache.UseAsync(blob, "g", default));

        Assert.Contains(blob.Sha256.Value, error.Message, StringComparison.Ordinal);
        Assert.Empty(_cache.Digests);
    }

    [Fact]
    public async Task Blob_WhenItsFileWasChanged_IsFetchedAgain()
    {
        var blob = _grid.AddBlob(Bytes(4, 1000));
        (await _cache.UseAsync(blob, "g", default)).Dispose();
        await File.WriteAllBytesAsync(Path.Combine(_folder, blob.Sha256.Value), Bytes(5, 1000));

        using var use = await _cache.UseAsync(blob, "g", default);

        Assert.Equal(blob.Sha256, Sha256.Of(use.Bytes));
        Assert.Equal(2, _grid.BlobRequests.Count);
    }

    [Fact]
    public async Task Quota_WhenReached_EvictsTheLeastRecentlyUsedThatIsNotInUse()
    {
        _cache.QuotaBytes = 2500;
        var blobs = Enumerable.Range(0, 4).Select(i => _grid.AddBlob(Bytes(10 + i, 1000))).ToArray();
        using var held = await _cache.UseAsync(blobs[0], "g", default);
        (await _cache.UseAsync(blobs[1], "g", default)).Dispose();

        (await _cache.UseAsync(blobs[2], "g", default)).Dispose();
        Assert.Equal([blobs[0].Sha256, blobs[2].Sha256], _cache.Digests.OrderBy(d => Array.FindIndex(blobs, b => b.Sha256 == d)));

        using var other = await _cache.UseAsync(blobs[3], "g", default);
        await Assert.ThrowsAsync<BlobUnavailableException>(() => _cache.UseAsync(blobs[1], "g", default));
    }

    [Fact]
    public async Task Blob_WantedTwiceAtOnce_IsDownloadedOnce()
    {
        var blob = _grid.AddBlob(Bytes(20, 1000));

        var uses = await Task.WhenAll(_cache.UseAsync(blob, "g", default), _cache.UseAsync(blob, "g", default));

        Assert.All(uses, u => Assert.Equal(blob.Sha256, Sha256.Of(u.Bytes)));
        Assert.Single(_grid.BlobRequests);
    }

    [Fact]
    public void Room_OnAFullDisk_IsThereForWhatIsOnIt()
    {
        BlobRef[] blobs = [_grid.AddBlob(Bytes(30, 1000)), _grid.AddBlob(Bytes(31, 1000))];
        var full = new BlobCache(_folder, null!, TimeProvider.System, NullLogger.Instance) { DiskReserveBytes = long.MaxValue / 2 };
        Assert.NotNull(full.WhyNoRoom(blobs));
        File.WriteAllBytes(PathOf(blobs[0]), Bytes(30, 1000));
        File.WriteAllBytes(PathOf(blobs[1]), Bytes(31, 1000));

        // The second time it is known.
        Assert.Null(full.WhyNoRoom(blobs));
        Assert.Null(full.WhyNoRoom(blobs));

        full.Forget(blobs[0].Sha256);
        Assert.NotNull(full.WhyNoRoom(blobs));
        Assert.Null(full.WhyNoRoom([blobs[1]]));
        File.Delete(PathOf(blobs[1]));
        Assert.Empty(full.Digests);
        Assert.NotNull(full.WhyNoRoom([blobs[1]]));
    }

    [Fact]
    public void Room_ForAbsurdSizes_IsNotThere() =>
        Assert.StartsWith("not enough disk", _cache.WhyNoRoom([new(Sha256.Of([1]), long.MaxValue), new(Sha256.Of([2]), long.MaxValue), new(Sha256.Of([3]), -1)]), StringComparison.Ordinal);

    [Fact]
    public void Disk_NeedsNoRoomForInputsThatCameAlong()
    {
        var input = Bytes(40, 100);
        var along = _grid.AssignCall(Works.Order(_grid, Works.Add(_grid), input), Signatures.NodeIdOf(_grid.PublicKey), null, input);

        Assert.Equal(WorkBlobs.Model(along.Order.Work), WorkBlobs.Disk(along));
        Assert.Equal(WorkBlobs.All(along.Order), WorkBlobs.Disk(along with { Inline = [] }));
    }

    private string PathOf(BlobRef blob) => Path.Combine(_folder, blob.Sha256.Value);

    private static byte[] Bytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
