using System.Globalization;

namespace PiGrid.Grains.Storage.Sqlite;

/// <summary>Makes the database's tables, and refuses a file that is not the grid's, is damaged, or is a newer release's.</summary>
internal static class SqliteSchema
{
    /// <summary>The schema that this release makes and reads; kept in the file's <c>user_version</c>.</summary>
    public const int Version = 1;

    /// <summary>Marks the file as a grid's: "PiGr" in ASCII, in the file's <c>application_id</c>.</summary>
    private const int ApplicationId = 0x50694772;

    private const string Tables = """
        CREATE TABLE grain_state (
            grain TEXT NOT NULL, name TEXT NOT NULL, etag TEXT NOT NULL, format INTEGER NOT NULL, payload BLOB NOT NULL,
            PRIMARY KEY (grain, name));
        CREATE TABLE reminder (
            grain TEXT NOT NULL, name TEXT NOT NULL, hash INTEGER NOT NULL, start_at INTEGER NOT NULL, period INTEGER NOT NULL,
            etag TEXT NOT NULL, PRIMARY KEY (grain, name));
        CREATE INDEX reminder_by_hash ON reminder (hash);
        CREATE TABLE small_blob (digest BLOB PRIMARY KEY, bytes BLOB NOT NULL);
        """;

    /// <summary>Checks the file and makes what is missing.</summary>
    /// <exception cref="StorageException">The file cannot be used.</exception>
    public static void Prepare(SqliteSession session, string file, StorageOptions options)
    {
        var version = Number(session, "PRAGMA user_version");
        var application = Number(session, "PRAGMA application_id");
        var isEmpty = Number(session, "SELECT count(*) FROM sqlite_schema") == 0;
        if (!isEmpty && application != ApplicationId)
        {
            throw new StorageException(
                $"{file} is a SQLite database, but not a grid's: give the silo another data folder, or move the file away.");
        }

        if (version > Version)
        {
            throw new StorageException(
                $"{file} was written by a newer release (schema {version}; this one reads up to {Version}): run that release, or a newer one.");
        }

        if (options.CheckAtStart && session.Scalar("PRAGMA quick_check(1)") is string found && found != "ok")
        {
            throw StorageException.Damaged(file, found, inner: null);
        }

        session.Scalar("PRAGMA journal_mode = WAL");
        session.Execute(options.Synchronous switch
        {
            StorageSynchronous.Full => "PRAGMA synchronous = FULL",
            StorageSynchronous.Normal => "PRAGMA synchronous = NORMAL",
        });
        if (isEmpty)
        {
            Create(session);
        }
    }

    private static void Create(SqliteSession session)
    {
        session.Execute("BEGIN IMMEDIATE");
        session.Execute(Tables);
        session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}"));
        session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {Version}"));
        session.Execute("COMMIT");
    }

    private static long Number(SqliteSession session, string sql) => (long)session.Scalar(sql)!;
}
