using System.Security.Cryptography;
using PiGrid.Grains.Storage;
using PiGrid.Grains.Storage.Backup;
using PiGrid.Grains.Storage.Postgres;
using PiGrid.Silo.Hosting;

namespace PiGrid.Silo.Maintenance;

/// <summary>
/// <c>restore</c>: makes a new data folder of a backup, and fills a server's schema when one is named. The backup is read whole first; then folder and
/// schema are filled beside their places and get their names at the end: they are whole or not there.
/// </summary>
internal static class RestoreCommand
{
    /// <summary>Restores.</summary>
    /// <exception cref="BackupException">The backup cannot be restored here; nothing was changed.</exception>
    /// <exception cref="StorageException">The stores cannot be written; nothing was kept.</exception>
    public static async Task RunAsync(MaintenanceSettings settings, TextWriter output, CancellationToken cancellationToken)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(settings.Silo.Data));
        if (File.Exists(root) || (Directory.Exists(root) && Directory.EnumerateFileSystemEntries(root).Any()))
        {
            throw new BackupException($"{root} is not empty: restore into a new folder, named with --data.");
        }

        await using var archive = Open(settings.File);
        await BackupReader.VerifyAsync(archive, cancellationToken);
        var filled = settings.Postgres.IsChosen ? PostgresRestore.Begin(settings.Postgres) : settings.Postgres;
        var incoming = $"{root}.restoring-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
        try
        {
            DataFolder.MakePrivate(incoming);
            var summary = await FillAsync(archive, incoming, settings with { Postgres = filled }, cancellationToken);
            if (filled.IsChosen)
            {
                PostgresRestore.Commit(settings.Postgres, filled);
            }

            if (Directory.Exists(root))
            {
                Directory.Delete(root);
            }

            Directory.Move(incoming, root);
            await output.WriteLineAsync(
                $"{root}: {summary.States} states, {summary.Reminders} reminders, {summary.Blobs} blobs of {summary.Bytes} bytes. Start the silo with the same --data{(filled.IsChosen ? " and --postgres" : "")}.");
        }
        catch (Exception e) when (e is (IOException or UnauthorizedAccessException) and not StorageException)
        {
            RollBack(incoming, filled);
            throw new BackupException($"{root} cannot be restored ({e.Message}): check the folder, its permissions and the disk's space. Nothing was kept.", e);
        }
        catch
        {
            RollBack(incoming, filled);
            throw;
        }
    }

    private static async Task<BackupSummary> FillAsync(FileStream archive, string incoming, MaintenanceSettings settings, CancellationToken cancellationToken)
    {
        using var stores = OpenStores.Open(incoming, settings, isOwner: true);
        return await BackupReader.RestoreAsync(archive, stores.Store, stores.Blobs, WriteFile, cancellationToken);

        void WriteFile(string name, byte[] bytes)
        {
            // A name comes from the archive: only those that a backup writes become files.
            if (!DataFolder.SecretNames.Contains(name))
            {
                throw new BackupException($"The backup has a file '{name}', which no data folder has: take another one. Nothing was kept.");
            }

            SecretFile.Write(Path.Combine(incoming, name), System.Text.Encoding.UTF8.GetString(bytes));
        }
    }

    private static void RollBack(string incoming, PostgresOptions filled)
    {
        if (Directory.Exists(incoming))
        {
            Directory.Delete(incoming, recursive: true);
        }

        if (!filled.IsChosen)
        {
            return;
        }

        try
        {
            PostgresRestore.RollBack(filled);
        }
        catch (StorageException)
        {
            // The failure that brought us here is said; a schema that a lost server keeps has a name that no silo uses.
        }
    }

    private static FileStream Open(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.Asynchronous);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BackupException($"{file} cannot be read ({e.Message}): name a backup with --from.", e);
        }
    }
}
