using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;

namespace PiGrid.Grains.Storage.Backup;

/// <summary>
/// Reads a backup twice: once whole to be sure that it is one that this release can restore and that no byte of it is damaged, and only then to restore it.
/// </summary>
public static class BackupReader
{
    // States are written in entries of a few mebibytes; one state alone may be larger.
    private const int LinesBytesMax = 1 << 30;

    private const int SmallBlobBytes = 64 << 10;

    private const int SmallBlobsAtOnce = 64;

    /// <summary>Reads all of the archive, and nothing else.</summary>
    /// <exception cref="BackupException">It is no backup, a newer release's, or damaged.</exception>
    public static async Task VerifyAsync(Stream archive, CancellationToken cancellationToken)
    {
        var digests = new Dictionary<string, Sha256>();
        BackupTrailer? trailer = null;
        await foreach (var entry in EntriesAsync(archive, cancellationToken))
        {
            if (trailer is not null)
            {
                throw Damaged($"'{entry.Name}' follows its end");
            }

            if (digests.Count == 0)
            {
                var bytes = await ReadAsync(entry, 1 << 16, cancellationToken);
                RequireReadable(entry.Name, bytes);
                digests.Add(entry.Name, Sha256.Of(bytes));
            }
            else if (entry.Name == BackupNames.Trailer)
            {
                trailer = Parse<BackupTrailer>(entry.Name, await ReadAsync(entry, LinesBytesMax, cancellationToken));
            }
            else if (!digests.TryAdd(entry.Name, await HashAsync(entry, cancellationToken)))
            {
                throw Damaged($"'{entry.Name}' is in it twice");
            }
        }

        if (trailer is null)
        {
            throw Damaged(digests.Count == 0 ? "it is empty" : "its end is missing");
        }

        var wrong = trailer.Entries.FirstOrDefault(e => !digests.TryGetValue(e.Key, out var found) || found != e.Value).Key
            ?? digests.Keys.FirstOrDefault(name => !trailer.Entries.ContainsKey(name));
        if (wrong is not null)
        {
            throw Damaged($"'{wrong}' is missing or has other bytes than were written");
        }
    }

    /// <summary>Restores an archive that was verified into stores that are empty.</summary>
    /// <param name="archive">From where.</param>
    /// <param name="store">Takes states and reminders.</param>
    /// <param name="blobs">Takes the blobs.</param>
    /// <param name="file">Takes files of the data folder, by name.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="BackupException">An entry is not known, or not what its name says.</exception>
    /// <exception cref="StorageException">A store cannot be written.</exception>
    public static async Task<BackupSummary> RestoreAsync(
        Stream archive, IGridStore store, IBlobStore blobs, Action<string, byte[]> file, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(blobs);
        ArgumentNullException.ThrowIfNull(file);
        var summary = new BackupSummary(0, 0, 0, 0, []);
        var putting = new List<Task>();
        await foreach (var entry in EntriesAsync(archive, cancellationToken))
        {
            if (entry.Name.StartsWith(BackupNames.Blobs, StringComparison.Ordinal))
            {
                await PutAsync(entry, blobs, putting, cancellationToken);
                summary = summary with { Blobs = summary.Blobs + 1, Bytes = summary.Bytes + entry.Length };
            }
            else if (entry.Name.StartsWith(BackupNames.States, StringComparison.Ordinal))
            {
                var states = ParseLines(entry.Name, await ReadAsync(entry, LinesBytesMax, cancellationToken), BackupLines.ReadState);
                foreach (var page in states.Chunk(256))
                {
                    await store.AddAsync(page, cancellationToken);
                }

                summary = summary with { States = summary.States + states.Count };
            }
            else if (entry.Name == BackupNames.Reminders)
            {
                var reminders = ParseLines(entry.Name, await ReadAsync(entry, LinesBytesMax, cancellationToken), BackupLines.ReadReminder);
                await store.AddAsync(reminders, cancellationToken);
                summary = summary with { Reminders = reminders.Count };
            }
            else if (entry.Name.StartsWith(BackupNames.Files, StringComparison.Ordinal))
            {
                file(entry.Name[BackupNames.Files.Length..], await ReadAsync(entry, 1 << 20, cancellationToken));
            }
            else if (entry.Name is not (BackupNames.Header or BackupNames.Trailer))
            {
                throw Damaged($"it has an entry '{entry.Name}', which no backup of format {BackupHeader.FormatNow} has");
            }
        }

        await Task.WhenAll(putting);
        return summary;
    }

    private static void RequireReadable(string name, byte[] bytes)
    {
        if (name != BackupNames.Header || Parse<BackupHeader>(name, bytes) is not { Kind: "pigrid-backup" } header)
        {
            throw new BackupException("The file is no backup of a grid: name one that 'backup' has written.");
        }

        if (header.Format != BackupHeader.FormatNow || header.Schema is < 1 or > StorageSchema.Version)
        {
            throw new BackupException(
                $"The backup was written by release {header.Product} (format {header.Format}, schema {header.Schema}; this one reads format {BackupHeader.FormatNow}, "
                + $"schema up to {StorageSchema.Version}): restore it with that release, or a newer one.");
        }
    }

    // Small ones share the flushes of the disk; their bytes are in memory before the archive is read on.
    private static async Task PutAsync(TarEntry entry, IBlobStore blobs, List<Task> putting, CancellationToken cancellationToken)
    {
        if (!Sha256.TryParse(entry.Name[BackupNames.Blobs.Length..], null, out var digest))
        {
            throw Damaged($"'{entry.Name}' is no digest");
        }

        if (entry.Length <= SmallBlobBytes)
        {
            var bytes = await ReadAsync(entry, SmallBlobBytes, cancellationToken);
            putting.Add(blobs.PutAsync(new MemoryStream(bytes), digest, bytes.Length, cancellationToken));
            if (putting.Count >= SmallBlobsAtOnce)
            {
                await Task.WhenAll(putting);
                putting.Clear();
            }
        }
        else
        {
            await blobs.PutAsync(entry.DataStream!, digest, entry.Length, cancellationToken);
        }
    }

    private static async IAsyncEnumerable<TarEntry> EntriesAsync(
        Stream archive, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        archive.Position = 0;
        await using var tar = new TarReader(archive, leaveOpen: true);
        while (true)
        {
            TarEntry? entry;
            try
            {
                entry = await tar.GetNextEntryAsync(copyData: false, cancellationToken);
            }
            catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or ArgumentException or OverflowException)
            {
                throw Damaged(e.Message, e);
            }

            if (entry is null)
            {
                yield break;
            }

            yield return entry;
        }
    }

    private static async Task<Sha256> HashAsync(TarEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            return entry.DataStream is { } data ? new Sha256(await SHA256.HashDataAsync(data, cancellationToken)) : Sha256.Of([]);
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            throw Damaged($"'{entry.Name}' is cut off", e);
        }
    }

    private static async Task<byte[]> ReadAsync(TarEntry entry, int bytesMax, CancellationToken cancellationToken)
    {
        if (entry.Length > bytesMax)
        {
            throw Damaged($"'{entry.Name}' has {entry.Length} bytes, more than the {bytesMax} that it can have");
        }

        var bytes = new byte[entry.Length];
        try
        {
            await (entry.DataStream ?? Stream.Null).ReadExactlyAsync(bytes, cancellationToken);
            return bytes;
        }
        catch (EndOfStreamException e)
        {
            throw Damaged($"'{entry.Name}' is cut off", e);
        }
    }

    private static List<T> ParseLines<T>(string name, byte[] bytes, Func<ReadOnlyMemory<byte>, T> parse)
    {
        try
        {
            return BackupLines.Split(bytes).Select(parse).ToList();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Damaged($"'{name}' has a line that cannot be read ({e.Message})", e);
        }
    }

    private static T Parse<T>(string name, byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, GridJson.Wire) ?? throw new JsonException("It is empty.");
        }
        catch (JsonException e)
        {
            throw Damaged($"'{name}' cannot be read ({e.Message})", e);
        }
    }

    private static BackupException Damaged(string found, Exception? inner = null) =>
        new($"The backup is damaged: {found.TrimEnd('.')}. Take another one. Nothing was restored.", inner);
}
