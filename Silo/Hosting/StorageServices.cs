using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime.Hosting;
using PiGrid.Grains.Security;
using PiGrid.Grains.Storage;
using PiGrid.Grains.Storage.Sqlite;

namespace PiGrid.Silo.Hosting;

/// <summary>Everything that lives in the data folder.</summary>
internal static class StorageServices
{
    /// <summary>Registers the stores; each is opened when it is first asked for.</summary>
    public static void AddGridStorage(this IServiceCollection services, SiloOptions silo)
    {
        services.AddSingleton(_ => DataFolder.Take(silo.Data));
        services.AddSingleton(p => SqliteDatabase.Open(
            p.GetRequiredService<DataFolder>().Database, p.GetRequiredService<IOptions<StorageOptions>>().Value));
        services.AddSingleton(p => GridSigner.Open(p.GetRequiredService<DataFolder>().Key));
        services.AddSingleton<IGridSigner>(p => p.GetRequiredService<GridSigner>());
        services.AddSingleton(p => new FileBlobStore(
            p.GetRequiredService<DataFolder>().Blobs, p.GetRequiredService<IOptions<BlobOptions>>()));
        services.AddSingleton<SqliteBlobTable>();
        services.AddSingleton<IBlobStore, LayeredBlobStore>();
        services.AddSingleton<IReminderTable, SqliteReminderTable>();
        services.AddGrainStorage(GridStorage.Name, static (p, _) => new SqliteGrainStorage(p.GetRequiredService<SqliteDatabase>()));
    }

    /// <summary>Opens the stores, so that what is wrong with them is known before anything listens.</summary>
    /// <exception cref="StartFailedException">The folder cannot be had.</exception>
    /// <exception cref="StorageException">Its contents cannot be used.</exception>
    public static void OpenGridStorage(this IServiceProvider services)
    {
        services.GetRequiredService<DataFolder>();
        services.GetRequiredService<SqliteDatabase>();
        services.GetRequiredService<GridSigner>();
        services.GetRequiredService<FileBlobStore>();
    }
}
