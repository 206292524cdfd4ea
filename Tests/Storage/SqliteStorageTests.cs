using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Storage;
using PiGrid.Grains.Storage;
using PiGrid.Grains.Storage.Sqlite;

namespace PiGrid.Tests.Storage;

public sealed class SqliteGrainStorageTests : GrainStorageContract, IDisposable
{
    private readonly SqliteFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override Task<IGrainStorage> OpenAsync() => Task.FromResult<IGrainStorage>(new SqliteGrainStorage(_folder.Open()));

    protected override Task CloseAsync() => _folder.CloseAsync();
}

public sealed class SqliteReminderTableTests : ReminderTableContract, IDisposable
{
    private readonly SqliteFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override Task<IReminderTable> OpenAsync() => Task.FromResult<IReminderTable>(new SqliteReminderTable(_folder.Open()));

    protected override Task CloseAsync() => _folder.CloseAsync();
}

public sealed class FileBlobStoreTests : BlobStoreContract, IDisposable
{
    private readonly SqliteFolder _folder = new();
    private FileBlobStore? _store;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_RemovesWhatACrashLeftHalfWritten()
    {
        var left = Path.Combine(_folder.Path, "blobs", "incoming", "half");
        await File.WriteAllTextAsync(left, "half");
        await CloseAsync();

        await OpenAsync();

        Assert.False(File.Exists(left));
    }

    protected override Task<IBlobStore> OpenAsync()
    {
        _store = new FileBlobStore(Path.Combine(_folder.Path, "blobs"), Options.Create(Limits), Time, NullLogger<FileBlobStore>.Instance);
        return Task.FromResult<IBlobStore>(_store);
    }

    protected override Task DamageAsync(Sha256 digest)
    {
        DamageFile(Path.Combine(_folder.Path, "blobs"), digest);
        return Task.CompletedTask;
    }

    protected override Task CloseAsync()
    {
        _store!.Dispose();
        Assert.DoesNotContain(Directory.GetFiles(Path.Combine(_folder.Path, "blobs", "incoming")), f => !f.EndsWith("half", StringComparison.Ordinal));
        return Task.CompletedTask;
    }
}

public sealed class LayeredBlobStoreTests : BlobStoreContract, IDisposable
{
    private readonly SqliteFolder _folder = new();
    private FileBlobStore? _files;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1024, 0)]
    [InlineData(1025, 1)]
    public async Task Put_KeepsSmallBlobsInTheDatabase(int size, int files)
    {
        await Store.PutBytesAsync(new byte[size], default);

        Assert.Equal(files, Directory.GetFiles(Path.Combine(_folder.Path, "blobs"), "*", SearchOption.AllDirectories).Length);
    }

    protected override Task<IBlobStore> OpenAsync()
    {
        var options = Options.Create(Limits);
        _files = new FileBlobStore(Path.Combine(_folder.Path, "blobs"), options, Time, NullLogger<FileBlobStore>.Instance);
        var table = new SqliteBlobTable(_folder.Open(), options, Time, NullLogger<SqliteBlobTable>.Instance);
        return Task.FromResult<IBlobStore>(new LayeredBlobStore(table, _files, options));
    }

    protected override async Task DamageAsync(Sha256 digest)
    {
        if (Directory.GetFiles(Path.Combine(_folder.Path, "blobs"), digest.Value, SearchOption.AllDirectories).Length > 0)
        {
            DamageFile(Path.Combine(_folder.Path, "blobs"), digest);
            return;
        }

        await _folder.Open().WriteAsync(s => s.Execute("UPDATE small_blob SET bytes = zeroblob(length(bytes)) WHERE digest = $1", digest.ToArray()));
        await _folder.CloseAsync();
    }

    protected override async Task CloseAsync()
    {
        _files!.Dispose();
        await _folder.CloseAsync();
    }
}
