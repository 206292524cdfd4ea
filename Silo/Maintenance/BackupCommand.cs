using System.Security.Cryptography;
using PiGrid.Grains.Storage;
using PiGrid.Grains.Storage.Backup;
using PiGrid.Silo.Hosting;

namespace PiGrid.Silo.Maintenance;

/// <summary><c>backup</c>: everything that a grid is, in one file that its owner alone can read. Its silo may run meanwhile.</summary>
internal static class BackupCommand
{
    /// <summary>Writes the backup; the file is whole or not there.</summary>
    /// <exception cref="BackupException">The file exists or cannot be written, or there is nothing to back up.</exception>
    public static async Task RunAsync(MaintenanceSettings settings, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        var root = Path.GetFullPath(settings.Silo.Data);
        if (File.Exists(settings.File))
        {
            throw Exists(settings.File);
        }

        var files = await ReadFilesAsync(settings.Silo.Shared.Length == 0 ? root : Path.GetFullPath(settings.Silo.Shared), cancellationToken);
        var incoming = $"{settings.File}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
        try
        {
            BackupSummary summary;
            await using (var archive = Create(incoming))
            {
                using var stores = OpenStores.Open(root, settings, isOwner: false);
                summary = await BackupWriter.WriteAsync(
                    archive, SiloHost.Version, TimeProvider.System.GetUtcNow(), stores.Store, stores.Blobs, files, cancellationToken);
                archive.Flush(flushToDisk: true);
            }

            if (!NewName.TryMove(incoming, settings.File))
            {
                throw Exists(settings.File);
            }

            await output.WriteLineAsync(
                $"{settings.File}: {summary.States} states, {summary.Reminders} reminders, {summary.Blobs} blobs of {summary.Bytes} bytes. It holds the grid's private key: keep it secret.");
            foreach (var blob in summary.LeftOut)
            {
                await errors.WriteLineAsync($"pigrid silo: blob {blob} is damaged or was just removed, so it is not in the backup: put it again, or keep an older backup that has it.");
            }
        }
        catch (Exception e) when (e is (IOException or UnauthorizedAccessException) and not StorageException)
        {
            throw new BackupException($"{settings.File} cannot be written ({e.Message}): check the folder, its permissions and the disk's space.", e);
        }
        finally
        {
            File.Delete(incoming);
        }
    }

    private static BackupException Exists(string file) => new($"{file} exists already: name a new file with --to.");

    private static async Task<Dictionary<string, byte[]>> ReadFilesAsync(string root, CancellationToken cancellationToken)
    {
        var files = new Dictionary<string, byte[]>();
        foreach (var name in DataFolder.SecretNames)
        {
            var path = Path.Combine(root, name);
            if (File.Exists(path))
            {
                files[name] = await File.ReadAllBytesAsync(path, cancellationToken);
            }
        }

        return files.ContainsKey(DataFolder.KeyName)
            ? files
            : throw new BackupException($"There is no grid in {root} ({DataFolder.KeyName} is missing): name its data folder with --data.");
    }

    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 1 << 20 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }
}
