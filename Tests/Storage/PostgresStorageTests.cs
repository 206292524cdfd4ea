using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Storage;
using PiGrid.Grains.Storage;
using PiGrid.Grains.Storage.Postgres;

namespace PiGrid.Tests.Storage;

[NeedsPostgres, Collection(PostgresTests.Name)]
public sealed class PostgresGrainStorageTests(PostgresFixture fixture) : GrainStorageContract, IDisposable
{
    private readonly PostgresDatabases _databases = new(fixture);

    public void Dispose() => _databases.Dispose();

    protected override async Task<IGrainStorage> OpenAsync() => new PostgresGrainStorage(await _databases.OpenAsync());

    protected override Task CloseAsync() => _databases.CloseAsync();
}

[NeedsPostgres, Collection(PostgresTests.Name)]
public sealed class PostgresReminderTableTests(PostgresFixture fixture) : ReminderTableContract, IDisposable
{
    private readonly PostgresDatabases _databases = new(fixture);

    public void Dispose() => _databases.Dispose();

    protected override async Task<IReminderTable> OpenAsync() => new PostgresReminderTable(await _databases.OpenAsync());

    protected override Task CloseAsync() => _databases.CloseAsync();
}

/// <summary>Blobs in PostgreSQL, with room for some copies on the disk or for none.</summary>
public abstract class PostgresBlobStoreContract(PostgresFixture fixture, long cacheBytes) : BlobStoreContract, IDisposable
{
    private readonly PostgresDatabases _databases = new(fixture);
    private FileBlobStore? _files;
    private BlobCache? _cache;

    protected string Folder { get; } = Directory.CreateTempSubdirectory("pigrid-cache-").FullName;

    protected BlobCache Cache => _cache!;

    public void Dispose()
    {
        _databases.Dispose();
        _files?.Dispose();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected override async Task<IBlobStore> OpenAsync()
    {
        var options = Options.Create(Limits);
        _files = new FileBlobStore(Folder, options, Time, NullLogger<FileBlobStore>.Instance);
        _cache = BlobCache.Open(_files, cacheBytes);
        var table = new PostgresBlobTable(await _databases.OpenAsync(), options, Time);
        return new PostgresBlobStore(table, _cache, options, NullLogger<PostgresBlobStore>.Instance);
    }

    protected override Task CloseAsync()
    {
        _files!.Dispose();
        return _databases.CloseAsync();
    }

    protected override async Task DamageAsync(Sha256 digest)
    {
        var database = await _databases.OpenAsync();
        await database.WriteAsync<string>(
            "UPDATE pigrid.blob_chunk SET bytes = set_byte(bytes, 0, 255) WHERE digest = $1", [digest.ToArray()]);
        await _databases.CloseAsync();
        // The copy would do otherwise.
        Directory.GetFiles(Folder, digest.Value, SearchOption.AllDirectories).ToList().ForEach(File.Delete);
    }
}

[NeedsPostgres, Collection(PostgresTests.Name)]
public sealed class PostgresBlobStoreTests(PostgresFixture fixture) : PostgresBlobStoreContract(fixture, cacheBytes: 20 << 20)
{
    [PostgresFact]
    public async Task Open_WhenTheCopyIsDamagedOrGone_FetchesItAgain()
    {
        var bytes = Random(3_000_000);
        var blob = await Store.PutBytesAsync(bytes, default);
        DamageFile(Folder, blob.Sha256);

        Assert.Equal(bytes, await Store.ReadBytesAsync(blob.Sha256, bytes.Length, default));

        File.Delete(Directory.GetFiles(Folder, blob.Sha256.Value, SearchOption.AllDirectories).Single(f => !f.Contains("damaged", StringComparison.Ordinal)));
        Assert.Equal(bytes, await Store.ReadBytesAsync(blob.Sha256, bytes.Length, default));
    }

    [PostgresFact]
    public async Task Cache_KeepsToItsSize_AndDropsTheLongestUnused()
    {
        var blobs = new List<BlobRef>();
        for (var i = 0; i < 10; i++)
        {
            blobs.Add(await Store.PutBytesAsync(Random(3 << 20, seed: i), default));
            await using var used = await Store.OpenAsync(blobs[0].Sha256, default);
        }

        Assert.InRange(Cache.Bytes, 15 << 20, 20 << 20);
        Assert.Equal(Cache.Bytes, Directory.GetFiles(Folder, "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length));
        Assert.Single(Directory.GetFiles(Folder, blobs[0].Sha256.Value, SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(Folder, blobs[1].Sha256.Value, SearchOption.AllDirectories));
        foreach (var blob in blobs)
        {
            await using var stream = await Store.OpenAsync(blob.Sha256, default);
            Assert.Equal(blob.Size, stream!.Length);
        }
    }

    [PostgresFact]
    public async Task Open_ByManyAtOnce_FetchesOnce()
    {
        var bytes = Random(2_500_000);
        var blob = await Store.PutBytesAsync(bytes, default);
        Directory.GetFiles(Folder, blob.Sha256.Value, SearchOption.AllDirectories).ToList().ForEach(File.Delete);

        var read = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Store.ReadBytesAsync(blob.Sha256, bytes.Length, default)));

        Assert.All(read, r => Assert.Equal(bytes, r));
        Assert.Single(Directory.GetFiles(Folder, blob.Sha256.Value, SearchOption.AllDirectories));
    }

    private static byte[] Random(int size, int seed = 42)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}

[NeedsPostgres, Collection(PostgresTests.Name)]
public sealed class PostgresBlobStoreWithoutCacheTests(PostgresFixture fixture) : PostgresBlobStoreContract(fixture, cacheBytes: 0)
{
    [PostgresFact]
    public async Task Read_OfAnyRange_GivesItsBytes()
    {
        var bytes = Enumerable.Range(0, 3_500_000).Select(i => (byte)(((i >> 8) + i) % 256)).ToArray();
        var blob = await Store.PutBytesAsync(bytes, default);
        Assert.Empty(Directory.GetFiles(Folder, "*", SearchOption.AllDirectories));
        await using var stream = await Store.OpenAsync(blob.Sha256, default);

        foreach (var (from, count) in new[] { (0, 10), (1_048_570, 20), (2_097_151, 1_048_579), (3_499_999, 1), (5, 3_400_000) })
        {
            var part = new byte[count];
            stream!.Position = from;
            await stream.ReadExactlyAsync(part);
            Assert.Equal(bytes[from..(from + count)], part);
        }

        stream!.Position = bytes.Length;
        Assert.Equal(0, await stream.ReadAsync(new byte[1]));
    }
}
