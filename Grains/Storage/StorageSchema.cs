namespace PiGrid.Grains.Storage;

/// <summary>
/// The number of what the stores hold, the same for every store: tables, and how states are kept in them. A database carries the number that it was
/// last brought to; a release brings older ones up by itself and refuses newer ones, which it would misread.
/// </summary>
internal static class StorageSchema
{
    /// <summary>The schema that this release makes and reads. 2: blobs carry the time when they were last put or found.</summary>
    public const int Version = 2;

    /// <summary>Refuses a schema that any other release wrote, where it must not be changed.</summary>
    /// <param name="where">What has it, as the beginning of a sentence.</param>
    /// <param name="found">Its number; 0 when there is none.</param>
    /// <exception cref="StorageException">It is another.</exception>
    public static void RequireCurrent(string where, long found)
    {
        RequireReadable(where, found);
        if (found == 0)
        {
            throw new StorageException($"{where} holds no grid: check --data and --postgres.");
        }

        if (found < Version)
        {
            throw new StorageException(
                $"{where} has the schema {found} of an older release: start this release's silo on it once, which brings it to {Version}, or use the release that wrote it.");
        }
    }

    /// <summary>Refuses a schema that a newer release wrote.</summary>
    /// <param name="where">What has it, as the beginning of a sentence.</param>
    /// <param name="found">Its number.</param>
    /// <exception cref="StorageException">It is newer.</exception>
    public static void RequireReadable(string where, long found)
    {
        if (found > Version)
        {
            throw new StorageException(
                $"{where} was written by a newer release (schema {found}; this one reads up to {Version}): run that release, or a newer one.");
        }
    }
}
