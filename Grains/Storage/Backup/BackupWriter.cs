using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;

namespace PiGrid.Grains.Storage.Backup;

/// <summary>
/// Writes all that a grid is into one tar file, while its silo runs: states and reminders as they are at one moment, then the blobs. Every blob that a
/// state names was put before the state was written, so it is there when the blobs are listed after that moment; what is put later does no harm.
/// </summary>
public sealed class BackupWriter : IAsyncDisposable
{
    private const int StateEntryBytes = 4 << 20;

    private readonly TarWriter _tar;
    private readonly Dictionary<string, Sha256> _digests = [];

    private BackupWriter(Stream archive) => _tar = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true);

    /// <summary>Writes a backup.</summary>
    /// <param name="archive">Where to.</param>
    /// <param name="product">The release that writes it.</param>
    /// <param name="now">The time.</param>
    /// <param name="store">The states and reminders.</param>
    /// <param name="blobs">The blobs.</param>
    /// <param name="files">Files of the data folder, by name.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="BackupException">A state is damaged.</exception>
    /// <exception cref="StorageException">The store cannot be read.</exception>
    /// <exception cref="IOException">The archive cannot be written.</exception>
    public static async Task<BackupSummary> WriteAsync(
        Stream archive, string product, DateTimeOffset now, IGridStore store, IBlobStore blobs, IReadOnlyDictionary<string, byte[]> files, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(blobs);
        ArgumentNullException.ThrowIfNull(files);
        await using var writer = new BackupWriter(archive);
        await writer.AddJsonAsync(BackupNames.Header, new BackupHeader
        {
            Kind = "pigrid-backup",
            Format = BackupHeader.FormatNow,
            Schema = StorageSchema.Version,
            Product = product,
            CreatedAt = now,
        });
        foreach (var (name, bytes) in files)
        {
            await writer.AddAsync(BackupNames.Files + name, new MemoryStream(bytes), cancellationToken);
        }

        var (states, reminders) = await writer.AddRecordsAsync(store, cancellationToken);
        var summary = await writer.AddBlobsAsync(blobs, cancellationToken);
        await writer.AddJsonAsync(BackupNames.Trailer, new BackupTrailer { Entries = writer._digests });
        return summary with { States = states, Reminders = reminders };
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _tar.DisposeAsync();

    private async Task<(int States, int Reminders)> AddRecordsAsync(IGridStore store, CancellationToken cancellationToken)
    {
        await using var snapshot = await store.SnapshotAsync(cancellationToken);
        var (count, entries) = (0, 0);
        var lines = new MemoryStream();
        await foreach (var page in snapshot.StatesAsync(cancellationToken))
        {
            foreach (var state in page)
            {
                BackupLines.Write(lines, state);
                count++;
            }

            if (lines.Length >= StateEntryBytes)
            {
                await AddAsync($"{BackupNames.States}{entries++:d6}.jsonl", lines, cancellationToken);
                lines = new MemoryStream();
            }
        }

        await AddAsync($"{BackupNames.States}{entries:d6}.jsonl", lines, cancellationToken);
        var reminders = await snapshot.RemindersAsync(cancellationToken);
        lines = new MemoryStream();
        foreach (var reminder in reminders)
        {
            BackupLines.Write(lines, reminder);
        }

        await AddAsync(BackupNames.Reminders, lines, cancellationToken);
        return (count, reminders.Count);
    }

    private async Task<BackupSummary> AddBlobsAsync(IBlobStore blobs, CancellationToken cancellationToken)
    {
        var (count, bytes, leftOut) = (0, 0L, new List<Sha256>());
        await foreach (var blob in blobs.ListAsync(DateTimeOffset.MaxValue, cancellationToken))
        {
            await using var content = await blobs.OpenAsync(blob.Sha256, cancellationToken);
            if (content is null)
            {
                leftOut.Add(blob.Sha256);
                continue;
            }

            var name = BackupNames.Blobs + blob.Sha256.Value;
            await AddAsync(name, content, cancellationToken);
            if (_digests[name] != blob.Sha256)
            {
                throw new BackupException($"Blob {blob.Sha256} changed while it was copied: the disk is failing. Nothing was written.");
            }

            count++;
            bytes += blob.Size;
        }

        return new BackupSummary(0, 0, count, bytes, leftOut);
    }

    private Task AddJsonAsync<T>(string name, T value) =>
        AddAsync(name, new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(value, GridJson.Wire)), CancellationToken.None);

    private async Task AddAsync(string name, Stream content, CancellationToken cancellationToken)
    {
        content.Position = 0;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var hashed = new HashingStream(content, hash);
        await _tar.WriteEntryAsync(
            new PaxTarEntry(TarEntryType.RegularFile, name)
            {
                DataStream = hashed,
                Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            },
            cancellationToken);
        if (hash.GetCurrentHash() is var digest && name != BackupNames.Trailer)
        {
            _digests.Add(name, new Sha256(digest));
        }
    }
}
