using Npgsql;

namespace PiGrid.Grains.Storage.Postgres;

/// <summary>
/// Restoring into PostgreSQL: a schema beside the grid's is filled, and takes its name when it is whole. What fails leaves nothing behind.
/// </summary>
public static class PostgresRestore
{
    /// <summary>The options with the schema to fill.</summary>
    /// <exception cref="StorageException">The server cannot be used, or the grid's schema has tables already.</exception>
    public static PostgresOptions Begin(PostgresOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Run(options, (connection, where) =>
        {
            using var command = PostgresDatabase.Command(connection, "SELECT count(*) FROM pg_tables WHERE schemaname = $1", [options.Schema]);
            if (command.ExecuteScalar() is not 0L)
            {
                throw new StorageException(
                    $"Schema '{options.Schema}' of the {where} has tables already: restore into an empty database, or name another schema with --Postgres:Schema.") { OfServer = true };
            }
        });
        return new PostgresOptions
        {
            Connection = options.Connection,
            Schema = $"{options.Schema}_r{Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(4))}",
            ConnectTimeout = options.ConnectTimeout,
            CommandTimeout = options.CommandTimeout,
            OutageWait = options.OutageWait,
            ConnectionsMax = options.ConnectionsMax,
            CacheBytesMax = options.CacheBytesMax,
        };
    }

    /// <summary>Gives the filled schema its name.</summary>
    /// <exception cref="StorageException">The server cannot be used, or somebody made the schema meanwhile.</exception>
    public static void Commit(PostgresOptions options, PostgresOptions filled)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(filled);
        Execute(options, $"BEGIN; DROP SCHEMA IF EXISTS {options.Schema}; ALTER SCHEMA {filled.Schema} RENAME TO {options.Schema}; COMMIT");
    }

    /// <summary>Removes a schema that was not filled whole.</summary>
    /// <exception cref="StorageException">The server cannot be used.</exception>
    public static void RollBack(PostgresOptions filled)
    {
        ArgumentNullException.ThrowIfNull(filled);
        Execute(filled, $"DROP SCHEMA IF EXISTS {filled.Schema} CASCADE");
    }

    private static void Execute(PostgresOptions options, string sql) => Run(options, (connection, _) =>
    {
        using var command = PostgresDatabase.Command(connection, sql, []);
        command.ExecuteNonQuery();
    });

    /// <summary>Does work on a connection of its own, with errors for people.</summary>
    internal static void Run(PostgresOptions options, Action<NpgsqlConnection, string> work)
    {
        var connectionString = options.ToConnectionString();
        var where = PostgresDatabase.Describe(connectionString);
        try
        {
            using var connection = new NpgsqlConnection(connectionString.ToString());
            connection.Open();
            work(connection, where);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            throw PostgresErrors.Explain(e, where);
        }
    }
}
