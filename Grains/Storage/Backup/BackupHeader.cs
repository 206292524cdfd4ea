namespace PiGrid.Grains.Storage.Backup;

/// <summary>The first entry of a backup, <c>backup.json</c>: what it is, so that a release knows whether it can read the rest.</summary>
internal sealed record BackupHeader
{
    /// <summary>The layout of the archive that this release writes and reads.</summary>
    public const int FormatNow = 1;

    /// <summary>Always <c>pigrid-backup</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The layout of the archive.</summary>
    public required int Format { get; init; }

    /// <summary>The number of what the stores hold; see <see cref="StorageSchema"/>.</summary>
    public required int Schema { get; init; }

    /// <summary>The release that wrote it, for people.</summary>
    public required string Product { get; init; }

    /// <summary>When it was begun.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>The last entry of a backup, <c>digests.json</c>: that it is whole, and what each entry's bytes are.</summary>
internal sealed record BackupTrailer
{
    /// <summary>The digest of every other entry's bytes by its name, the header's included.</summary>
    public required IReadOnlyDictionary<string, Sha256> Entries { get; init; }
}

/// <summary>The names of a backup's entries.</summary>
internal static class BackupNames
{
    /// <summary>The header; first.</summary>
    public const string Header = "backup.json";

    /// <summary>The trailer; last.</summary>
    public const string Trailer = "digests.json";

    /// <summary>All reminders, a JSON line each.</summary>
    public const string Reminders = "reminders.jsonl";

    /// <summary>Some of the states, a JSON line each, follow under this prefix.</summary>
    public const string States = "states/";

    /// <summary>A blob each, by digest, follow under this prefix.</summary>
    public const string Blobs = "blobs/";

    /// <summary>Files of the data folder follow under this prefix.</summary>
    public const string Files = "files/";
}

/// <summary>A backup that cannot be written, read or restored; the message says why and what to do.</summary>
public sealed class BackupException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>What a backup or a restore has moved.</summary>
/// <param name="States">Grain states.</param>
/// <param name="Reminders">Reminders.</param>
/// <param name="Blobs">Blobs.</param>
/// <param name="Bytes">The blobs' bytes.</param>
/// <param name="LeftOut">Blobs that the store has but whose bytes are damaged.</param>
public sealed record BackupSummary(int States, int Reminders, int Blobs, long Bytes, IReadOnlyList<Sha256> LeftOut);
