using System.Globalization;

namespace PiGrid.Grains.Storage.Sqlite;

/// <summary>Makes the database's tables, brings older ones up to date, and refuses a file that is not the grid's, is damaged, or is a newer release's.</summary>
internal static class SqliteSchema
{
    /// <summary>Marks the file as a grid's: "PiGr" in ASCII, in the file's <c>application_id</c>.</summary>
    private const int ApplicationId = 0x50694772;

    // What brings a schema from the version below to the one named; the file's user_version says which it has. The first makes it.
    private static readonly (int Version, string Sql)[] Migrations =
    [
        (1, """
            CREATE TABLE grain_state (
                grain TEXT NOT NULL, name TEXT NOT NULL, etag TEXT NOT NULL, format INTEGER NOT NULL, payload BLOB NOT NULL,
                PRIMARY KEY (grain, name));
            CREATE TABLE reminder (
                grain TEXT NOT NULL, name TEXT NOT NULL, hash INTEGER NOT NULL, start_at INTEGER NOT NULL, period INTEGER NOT NULL,
                etag TEXT NOT NULL, PRIMARY KEY (grain, name));
            CREATE INDEX reminder_by_hash ON reminder (hash);
            CREATE TABLE small_blob (digest BLOB PRIMARY KEY, bytes BLOB NOT NULL);
            """),
        // Milliseconds since 1970. Blobs of older releases count from now on: the collection must not take what was only just put.
        (2, """
            ALTER TABLE small_blob ADD COLUMN put_at INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE small_blob ADD COLUMN damaged INTEGER NOT NULL DEFAULT 0;
            UPDATE small_blob SET put_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000;
            CREATE INDEX small_blob_by_put_at ON small_blob (put_at);
            """),
    ];

    /// <summary>Checks the file and makes what is missing.</summary>
    /// <exception cref="StorageException">The file cannot be used.</exception>
    public static void Prepare(SqliteSession session, string file, StorageOptions options)
    {
        var version = RequireGrid(session, file);
        // Reads all of the file, at best in 0.7 s a gigabyte: so only where that is no wait.
        if (options.CheckAtStart && new FileInfo(file).Length <= options.CheckBytesMax
            && session.Scalar("PRAGMA quick_check(1)") is string found && found != "ok")
        {
            throw StorageException.Damaged(file, found.ReplaceLineEndings(" ").Trim(), inner: null);
        }

        session.Scalar("PRAGMA journal_mode = WAL");
        session.Execute(options.Synchronous switch
        {
            StorageSynchronous.Full => "PRAGMA synchronous = FULL",
            StorageSynchronous.Normal => "PRAGMA synchronous = NORMAL",
        });
        if (version < StorageSchema.Version)
        {
            Migrate(session, version);
        }
    }

    /// <summary>The schema's version, 0 for an empty file.</summary>
    /// <exception cref="StorageException">The file is not a grid's, or a newer release's.</exception>
    public static long RequireGrid(SqliteSession session, string file)
    {
        var version = Number(session, "PRAGMA user_version");
        var isEmpty = Number(session, "SELECT count(*) FROM sqlite_schema") == 0;
        if (!isEmpty && Number(session, "PRAGMA application_id") != ApplicationId)
        {
            throw new StorageException(
                $"{file} is a SQLite database, but not a grid's: give the silo another data folder, or move the file away.");
        }

        StorageSchema.RequireReadable(file, version);
        return isEmpty ? 0 : version;
    }

    private static void Migrate(SqliteSession session, long version)
    {
        session.Execute("BEGIN IMMEDIATE");
        foreach (var (_, sql) in Migrations.Where(m => m.Version > version))
        {
            session.Execute(sql);
        }

        session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}"));
        session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {Migrations[^1].Version}"));
        session.Execute("COMMIT");
    }

    private static long Number(SqliteSession session, string sql) => (long)session.Scalar(sql)!;
}
