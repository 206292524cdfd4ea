using PiGrid.Grains.Storage;
using PiGrid.Grains.Storage.Postgres;

namespace PiGrid.Tests.Storage;

/// <summary>A database of its own on the shared server that can be closed and opened again.</summary>
public sealed class PostgresDatabases(PostgresFixture fixture) : IDisposable
{
    private PostgresDatabase? _open;

    public PostgresOptions Options { get; private set; } = new();

    public StoreHealth Health { get; } = new();

    public async Task<PostgresDatabase> OpenAsync()
    {
        if (!Options.IsChosen)
        {
            Options = new PostgresOptions { Connection = await fixture.Server.CreateDatabaseAsync(), OutageWait = TimeSpan.FromSeconds(1) };
        }

        return _open = PostgresDatabase.Open(Options, new StorageOptions(), Health, TimeProvider.System);
    }

    public Task CloseAsync()
    {
        _open?.Dispose();
        _open = null;
        return Task.CompletedTask;
    }

    public void Dispose() => _open?.Dispose();
}
