using Npgsql;

namespace PiGrid.Grains.Storage.Postgres;

/// <summary>What an error of PostgreSQL means and what to do about it. Never shows the connection string.</summary>
internal static class PostgresErrors
{
    /// <summary>Whether trying again can help: the server is away, restarting, being replaced, or out of something.</summary>
    public static bool IsTransient(Exception e) => e switch
    {
        // 57P0x: shut down, crashed, cannot connect now. 25006: a standby, until it is promoted. XX000 is the server's own defect.
        PostgresException server => server.IsTransient || server.SqlState is "57P01" or "57P02" or "57P03" or "25006",
        NpgsqlException => true,
        TimeoutException => true,
        IOException => e is not StorageException,
        ObjectDisposedException => false,
        _ => false,
    };

    /// <summary>The error for people.</summary>
    /// <param name="e">What the driver threw.</param>
    /// <param name="where">The database, as <c>database 'pigrid' on db.example:5432</c>.</param>
    public static StorageException Explain(Exception e, string where) => e switch
    {
        StorageException known => known,
        PostgresException server => new(ExplainServer(server, where), e) { Away = IsTransient(e) && server.SqlState is not PostgresErrorCodes.DiskFull, OfServer = true },
        _ when IsTransient(e) => new(
            $"The {where} cannot be reached ({Innermost(e)}): check that the server runs, the address and the network. Nothing of a write was kept, or all of it.", e)
        { Away = true, OfServer = true },
        _ => new($"The {where} failed: {e.Message}", e) { OfServer = true },
    };

    private static string ExplainServer(PostgresException e, string where) => e.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            $"The {where} refuses the user ({e.MessageText}): check Username and Password of --postgres, and the server's pg_hba.conf.",
        PostgresErrorCodes.InvalidCatalogName => $"There is no {where}: create it (CREATE DATABASE), or name another with --postgres.",
        PostgresErrorCodes.InsufficientPrivilege =>
            $"The {where} does not allow what the grid needs ({e.MessageText}): let its user own the schema, or grant it CREATE on the database.",
        PostgresErrorCodes.DiskFull => $"The disk of the {where} is full: free some space. Nothing of the write was kept.",
        PostgresErrorCodes.ReadOnlySqlTransaction => $"The {where} takes no writes ({e.MessageText}): name the primary server, not a standby, with --postgres.",
        PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted =>
            $"The {where} is damaged ({e.MessageText}): restore it from a backup.",
        PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown =>
            $"The {where} cannot be reached: it is starting, stopping or recovering ({e.MessageText}). It is tried again.",
        _ => $"The {where} failed: {e.MessageText} ({e.SqlState}).",
    };

    private static string Innermost(Exception e)
    {
        while (e.InnerException is { } inner)
        {
            e = inner;
        }

        return e.Message.TrimEnd('.');
    }
}
