using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime.Hosting;
using Orleans.Storage;
using PiGrid.Grains.Security;
using PiGrid.Grains.Storage;
using PiGrid.Grains.Storage.Backup;
using PiGrid.Grains.Storage.Collection;
using PiGrid.Grains.Storage.Postgres;
using PiGrid.Grains.Storage.Sqlite;
using PiGrid.Grains.Telemetry;
using PiGrid.Silo.Telemetry;

namespace PiGrid.Silo.Hosting;

/// <summary>Everything that lives in the data folder, or in the database that is named instead.</summary>
internal static class StorageServices
{
    /// <summary>Registers the stores; each is opened when it is first asked for.</summary>
    public static void AddGridStorage(this IServiceCollection services, SiloOptions silo, PostgresOptions postgres)
    {
        services.AddSingleton<StoreHealth>();
        services.AddSingleton(_ => DataFolder.Take(silo.Data, silo.Shared));
        services.AddSingleton(p => GridSigner.Open(p.GetRequiredService<DataFolder>().Key));
        services.AddSingleton<IGridSigner>(p => p.GetRequiredService<GridSigner>());
        services.AddSingleton(p => ActivatorUtilities.CreateInstance<FileBlobStore>(
            p, postgres.IsChosen ? p.GetRequiredService<DataFolder>().BlobCache : p.GetRequiredService<DataFolder>().Blobs));
        if (postgres.IsChosen)
        {
            AddPostgres(services);
        }
        else
        {
            AddSqlite(services);
        }

        services.AddHostedService<BlobCollector>();
    }

    /// <summary>Opens the stores, so that what is wrong with them is known before anything listens.</summary>
    /// <exception cref="StartFailedException">The folder cannot be had.</exception>
    /// <exception cref="StorageException">Its contents cannot be used.</exception>
    public static void OpenGridStorage(this IServiceProvider services)
    {
        services.GetRequiredService<DataFolder>();
        services.GetRequiredService<IGridStore>();
        services.GetRequiredService<GridSigner>();
        services.GetRequiredService<IBlobStore>();
        if (services.GetService<PostgresDatabase>() is { } database)
        {
            // Nothing runs yet that this thread could hold up.
            PostgresMembership.RequireKeyAsync(database, services.GetRequiredService<GridSigner>().PublicKey).GetAwaiter().GetResult();
        }
    }

    private static void AddSqlite(IServiceCollection services)
    {
        services.AddSingleton(p => SqliteDatabase.Open(
            p.GetRequiredService<DataFolder>().Database, p.GetRequiredService<IOptions<StorageOptions>>().Value, p.GetRequiredService<StoreHealth>()));
        services.AddSingleton<SqliteBlobTable>();
        services.AddBlobStore<LayeredBlobStore>();
        services.AddSingleton<IGridStore, SqliteStore>();
        services.AddSingleton<IReminderTable, SqliteReminderTable>();
        services.AddHostedService<SqliteWatch>();
        services.AddGrainStorage(GridStorage.Name, static (p, _) => Timed(p, "sqlite", new SqliteGrainStorage(p.GetRequiredService<SqliteDatabase>())));
    }

    private static void AddPostgres(IServiceCollection services)
    {
        services.AddSingleton(OpenPostgres);
        services.AddSingleton(p => BlobCache.Open(
            p.GetRequiredService<FileBlobStore>(), p.GetRequiredService<IOptions<PostgresOptions>>().Value.CacheBytesMax));
        services.AddSingleton<PostgresBlobTable>();
        services.AddBlobStore<PostgresBlobStore>();
        services.AddSingleton<IGridStore, PostgresStore>();
        services.AddSingleton<IReminderTable, PostgresReminderTable>();
        services.AddGrainStorage(GridStorage.Name, static (p, _) => Timed(p, "postgresql", new PostgresGrainStorage(p.GetRequiredService<PostgresDatabase>())));
        services.AddHostedService<PostgresWatch>();
    }

    private static void AddBlobStore<T>(this IServiceCollection services)
        where T : class, IBlobStore =>
        services.AddSingleton<T>().AddSingleton<IBlobStore>(p => new MeteredBlobs(p.GetRequiredService<T>(), p.GetRequiredService<GridMetrics>()));

    private static MeteredStorage Timed(IServiceProvider services, string name, IGrainStorage store) =>
        new(store, name, services.GetRequiredService<GridMetrics>(), services.GetRequiredService<TimeProvider>());

    private static PostgresDatabase OpenPostgres(IServiceProvider services)
    {
        try
        {
            return PostgresDatabase.Open(
                services.GetRequiredService<IOptions<PostgresOptions>>().Value,
                services.GetRequiredService<IOptions<StorageOptions>>().Value,
                services.GetRequiredService<StoreHealth>(),
                services.GetRequiredService<TimeProvider>());
        }
        catch (StorageException e)
        {
            throw new StartFailedException(ExitCode.Database, [e.Message], e);
        }
    }
}
