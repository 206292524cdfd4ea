using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using PiGrid.Grains.Storage;
using PiGrid.Grains.Storage.Backup;
using PiGrid.Grains.Storage.Postgres;
using PiGrid.Grains.Storage.Sqlite;
using PiGrid.Silo.Hosting;

namespace PiGrid.Silo.Maintenance;

/// <summary>The stores of a data folder or a server, opened without a silo.</summary>
internal sealed class OpenStores : IDisposable
{
    private readonly Stack<IDisposable> _open = new();

    private OpenStores()
    {
    }

    /// <summary>States and reminders.</summary>
    public IGridStore Store { get; private set; } = null!;

    /// <summary>Blobs.</summary>
    public IBlobStore Blobs { get; private set; } = null!;

    /// <summary>Opens the stores of a folder.</summary>
    /// <param name="root">The data folder.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="isOwner">Whether nobody else uses the folder: otherwise its silo may run.</param>
    /// <exception cref="StorageException">They cannot be used.</exception>
    public static OpenStores Open(string root, MaintenanceSettings settings, bool isOwner)
    {
        var stores = new OpenStores();
        try
        {
            if (settings.Postgres.IsChosen)
            {
                stores.OpenPostgres(root, settings, isOwner);
            }
            else
            {
                stores.OpenSqlite(root, settings, isOwner);
            }

            return stores;
        }
        catch
        {
            stores.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_open.TryPop(out var open))
        {
            open.Dispose();
        }
    }

    private void OpenSqlite(string root, MaintenanceSettings settings, bool isOwner)
    {
        var file = DataFolder.DatabaseOf(root);
        if (!isOwner)
        {
            // Opening makes a file that is not there, and brings an older one up to date under the silo that runs on it.
            _ = File.Exists(file) ? file : throw new BackupException($"There is no grid in {root}: name its data folder with --data.");
            SqliteStore.RequireCurrent(file);
        }

        var options = new StorageOptions
        {
            Synchronous = settings.Storage.Synchronous,
            // The rows are all read anyway.
            CheckAtStart = false,
        };
        var database = Opened(SqliteDatabase.Open(file, options));
        var limits = Options.Create(settings.Blobs);
        var files = Opened(new FileBlobStore(DataFolder.BlobsOf(root), limits, TimeProvider.System, NullLogger<FileBlobStore>.Instance, isOwner));
        Store = new SqliteStore(database);
        Blobs = new LayeredBlobStore(new SqliteBlobTable(database, limits, TimeProvider.System, NullLogger<SqliteBlobTable>.Instance), files, limits);
    }

    private void OpenPostgres(string root, MaintenanceSettings settings, bool isOwner)
    {
        if (!isOwner)
        {
            PostgresStore.RequireCurrent(settings.Postgres);
        }

        var database = Opened(PostgresDatabase.Open(settings.Postgres, settings.Storage, new StoreHealth(), TimeProvider.System));
        var limits = Options.Create(settings.Blobs);
        // The copies of a silo that may run are its own: nothing is kept on the way out.
        var folder = isOwner ? DataFolder.BlobCacheOf(root) : Temporary();
        var files = Opened(new FileBlobStore(folder, limits, TimeProvider.System, NullLogger<FileBlobStore>.Instance));
        var cache = BlobCache.Open(files, isOwner ? settings.Postgres.CacheBytesMax : 0);
        Store = new PostgresStore(database);
        Blobs = new PostgresBlobStore(
            new PostgresBlobTable(database, limits, TimeProvider.System), cache, limits, NullLogger<PostgresBlobStore>.Instance);
    }

    private T Opened<T>(T opened)
        where T : IDisposable
    {
        _open.Push(opened);
        return opened;
    }

    private string Temporary()
    {
        var folder = Directory.CreateTempSubdirectory("pigrid-backup-").FullName;
        Opened(new Removal(folder));
        return folder;
    }

    private sealed class Removal(string folder) : IDisposable
    {
        public void Dispose() => Directory.Delete(folder, recursive: true);
    }
}
