using Npgsql;

namespace PiGrid.Grains.Storage.Postgres;

/// <summary>
/// Makes the grid's schema and brings an older one up to date, in one transaction under a lock that is held to its end: of silos that start
/// together one does it, the others wait and find it done; one that dies in the middle leaves nothing behind.
/// </summary>
internal static class PostgresSchema
{
    /// <summary>What brings a schema from the version below to the one named. The first makes it.</summary>
    public static IReadOnlyList<(int Version, string Sql)> Migrations { get; } =
    [
        (2, """
            CREATE TABLE grain_state (
                grain text NOT NULL, name text NOT NULL, etag text NOT NULL, format integer NOT NULL, payload bytea NOT NULL,
                PRIMARY KEY (grain, name));
            CREATE TABLE reminder (
                grain text NOT NULL, name text NOT NULL, hash bigint NOT NULL, start_at bigint NOT NULL, period bigint NOT NULL,
                etag text NOT NULL, PRIMARY KEY (grain, name));
            CREATE INDEX reminder_by_hash ON reminder (hash);
            CREATE TABLE blob (
                digest bytea PRIMARY KEY, size bigint NOT NULL, put_at timestamptz NOT NULL, damaged boolean NOT NULL DEFAULT false);
            CREATE INDEX blob_by_put_at ON blob (put_at);
            CREATE TABLE blob_chunk (
                digest bytea NOT NULL REFERENCES blob ON DELETE CASCADE, place integer NOT NULL, bytes bytea NOT NULL,
                PRIMARY KEY (digest, place));
            ALTER TABLE blob_chunk ALTER COLUMN bytes SET STORAGE EXTERNAL;
            """),
    ];

    /// <summary>Makes or updates the schema.</summary>
    /// <exception cref="StorageException">It is a newer release's, or not a grid's.</exception>
    public static void Prepare(NpgsqlDataSource source, PostgresOptions options, string where, IReadOnlyList<(int Version, string Sql)> migrations)
    {
        using var connection = source.OpenConnection();
        using var transaction = connection.BeginTransaction();
        Execute(connection, "SELECT pg_advisory_xact_lock(hashtextextended('pigrid schema ' || $1, 0))", options.Schema);
        var place = Describe(options, where);
        var version = Find(connection, options.Schema, place);
        var target = migrations[^1].Version;
        if (version == target)
        {
            return;
        }

        if (version > target)
        {
            StorageSchema.RequireReadable(place, version);
        }

        if (version == 0)
        {
            // Its name was checked with the options: nothing in it needs quoting.
            Execute(connection, $"CREATE SCHEMA IF NOT EXISTS {options.Schema}");
            Execute(connection, "CREATE TABLE schema_version (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())");
        }

        foreach (var (next, sql) in migrations.Where(m => m.Version > version))
        {
            Execute(connection, sql);
            Execute(connection, "INSERT INTO schema_version (version) VALUES ($1)", next);
        }

        transaction.Commit();
    }

    /// <summary>The schema for people, as the beginning of a sentence.</summary>
    public static string Describe(PostgresOptions options, string where) => $"Schema '{options.Schema}' of the {where}";

    /// <summary>The schema's version, 0 when there is none.</summary>
    /// <exception cref="StorageException">It has tables that are not a grid's.</exception>
    public static int Find(NpgsqlConnection connection, string schema, string place)
    {
        var tables = (long)Scalar(connection, "SELECT count(*) FROM pg_tables WHERE schemaname = $1", schema)!;
        if (tables == 0)
        {
            return 0;
        }

        var marks = (long)Scalar(connection, "SELECT count(*) FROM pg_tables WHERE schemaname = $1 AND tablename = 'schema_version'", schema)!;
        return marks == 1 && Scalar(connection, "SELECT max(version) FROM schema_version") is int version
            ? version
            : throw new StorageException($"{place} has tables, but not a grid's: name another with --Postgres:Schema.") { OfServer = true };
    }

    private static void Execute(NpgsqlConnection connection, string sql, params ReadOnlySpan<object> values)
    {
        using var command = Command(connection, sql, values);
        command.ExecuteNonQuery();
    }

    private static object? Scalar(NpgsqlConnection connection, string sql, params ReadOnlySpan<object> values)
    {
        using var command = Command(connection, sql, values);
        return command.ExecuteScalar() is var value && value is DBNull ? null : value;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, ReadOnlySpan<object> values)
    {
#pragma warning disable CA2100 // Constants of this file, and a schema's name that was checked.
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
