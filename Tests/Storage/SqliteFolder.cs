using PiGrid.Grains.Storage;
using PiGrid.Grains.Storage.Sqlite;

namespace PiGrid.Tests.Storage;

/// <summary>A folder with a database that can be closed and opened again.</summary>
public sealed class SqliteFolder : IDisposable
{
    private SqliteDatabase? _open;

    public string Path { get; } = Directory.CreateTempSubdirectory("pigrid-storage-").FullName;

    public string File => System.IO.Path.Combine(Path, "grid.db");

    public SqliteDatabase Open(StorageOptions? options = null) => _open = SqliteDatabase.Open(File, options ?? new StorageOptions());

    public Task CloseAsync()
    {
        _open?.Dispose();
        _open = null;
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _open?.Dispose();
        Directory.Delete(Path, recursive: true);
    }
}
