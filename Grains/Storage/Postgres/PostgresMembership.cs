using Npgsql;

namespace PiGrid.Grains.Storage.Postgres;

/// <summary>
/// The cluster's membership: which silos there are. The engine Orleans keeps it with its AdoNet clustering provider, which executes the statements that it
/// finds in a table <c>OrleansQuery</c> under names of its own, with parameters and columns of its own. Tables and statements are ours: each statement is
/// atomic by itself, and changes a row only together with the table's version, which is what the membership protocol rests on. Beside it stands the
/// grid's public key, which all of its silos share.
/// </summary>
public static class PostgresMembership
{
    private const string Tables = """
        CREATE TABLE IF NOT EXISTS cluster_version (
            cluster text PRIMARY KEY, version integer NOT NULL DEFAULT 0, changed_at timestamptz NOT NULL DEFAULT now());
        CREATE TABLE IF NOT EXISTS cluster_member (
            cluster text NOT NULL REFERENCES cluster_version, address text NOT NULL, port integer NOT NULL, generation integer NOT NULL,
            silo_name text NOT NULL, host_name text NOT NULL, status integer NOT NULL, gateway_port integer NOT NULL, suspicions text,
            started_at timestamptz NOT NULL, alive_at timestamptz NOT NULL,
            PRIMARY KEY (cluster, address, port, generation));
        CREATE TABLE IF NOT EXISTS OrleansQuery (QueryKey text PRIMARY KEY, QueryText text NOT NULL);
        CREATE TABLE IF NOT EXISTS grid_key (only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one), public_key bytea NOT NULL);
        """;

    private const string Member = "cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation";

    private const string Columns = """
        v.cluster AS DeploymentId, m.address AS Address, m.port AS Port, m.generation AS Generation, m.silo_name AS SiloName, m.host_name AS HostName,
        m.status AS Status, m.gateway_port AS ProxyPort, m.suspicions AS SuspectTimes, m.started_at AS StartTime, m.alive_at AS IAmAliveTime,
        v.version AS Version
        """;

    // SiloStatus.Active.
    private const int Active = 3;

    /// <summary>The statements by the provider's names. Those that change something give the number of rows changed: 0 when another silo was faster.</summary>
    internal static IReadOnlyDictionary<string, string> Statements { get; } = new Dictionary<string, string>
    {
        ["InsertMembershipVersionKey"] = """
            WITH made AS (INSERT INTO cluster_version (cluster) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1)
            SELECT count(*)::integer FROM made
            """,
        ["InsertMembershipKey"] = $"""
            WITH next AS (
                UPDATE cluster_version SET version = version + 1, changed_at = now()
                WHERE cluster = @DeploymentId AND version = @Version AND NOT EXISTS (SELECT FROM cluster_member WHERE {Member})
                RETURNING cluster),
            made AS (
                INSERT INTO cluster_member (
                    cluster, address, port, generation, silo_name, host_name, status, gateway_port, started_at, alive_at)
                SELECT cluster, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM next
                RETURNING 1)
            SELECT count(*)::integer FROM made
            """,
        ["UpdateMembershipKey"] = $"""
            WITH next AS (
                UPDATE cluster_version SET version = version + 1, changed_at = now()
                WHERE cluster = @DeploymentId AND version = @Version AND EXISTS (SELECT FROM cluster_member WHERE {Member})
                RETURNING cluster AS changed_cluster),
            made AS (
                UPDATE cluster_member SET status = @Status, suspicions = @SuspectTimes, alive_at = @IAmAliveTime FROM next
                WHERE cluster = changed_cluster AND {Member}
                RETURNING 1)
            SELECT count(*)::integer FROM made
            """,
        ["UpdateIAmAlivetimeKey"] = $"UPDATE cluster_member SET alive_at = @IAmAliveTime WHERE {Member}",
        ["MembershipReadRowKey"] = $"""
            SELECT {Columns} FROM cluster_version v LEFT JOIN cluster_member m
                ON m.cluster = v.cluster AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
            WHERE v.cluster = @DeploymentId
            """,
        ["MembershipReadAllKey"] = $"SELECT {Columns} FROM cluster_version v LEFT JOIN cluster_member m ON m.cluster = v.cluster WHERE v.cluster = @DeploymentId",
        ["GatewaysQueryKey"] = """
            SELECT address AS Address, gateway_port AS ProxyPort, generation AS Generation FROM cluster_member
            WHERE cluster = @DeploymentId AND status = @Status AND gateway_port > 0
            """,
        ["DeleteMembershipTableEntriesKey"] = """
            WITH gone AS (DELETE FROM cluster_member WHERE cluster = @DeploymentId RETURNING 1)
            UPDATE cluster_version SET version = version + 1, changed_at = now() WHERE cluster = @DeploymentId
            """,
        ["CleanupDefunctSiloEntriesKey"] = $"DELETE FROM cluster_member WHERE cluster = @DeploymentId AND alive_at < @IAmAliveTime AND status <> {Active}",
    };

    /// <summary>Enters the grid's public key, or compares it with the one that is there.</summary>
    /// <exception cref="StorageException">The database is another grid's.</exception>
    public static async Task RequireKeyAsync(PostgresDatabase database, byte[] publicKey)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(publicKey);
        await database.WriteAsync<bool>("INSERT INTO grid_key (public_key) VALUES ($1) ON CONFLICT DO NOTHING", [publicKey]);
        var entered = await database.QueryAsync("SELECT public_key FROM grid_key", row => row.GetFieldValue<byte[]>(0), []);
        if (!entered.Single().AsSpan().SequenceEqual(publicKey))
        {
            throw new StorageException(
                $"The {database.Where} is the grid's whose public key has the digest {Sha256.Of(entered.Single())}; this silo's grid.key is another's, of digest {Sha256.Of(publicKey)}: "
                + "give all silos of a grid the same grid.key (Silo:Shared), or this one a database or schema of its own.");
        }
    }

    /// <summary>Makes the tables, and brings the statements to this release's: silos of other releases read theirs once, when they start.</summary>
    internal static void Prepare(NpgsqlDataSource source, PostgresOptions options)
    {
        using var connection = source.OpenConnection();
        using var transaction = connection.BeginTransaction();
        using (var turn = PostgresDatabase.Command(connection, "SELECT pg_advisory_xact_lock(hashtextextended('pigrid schema ' || $1, 0))", [options.Schema]))
        {
            turn.ExecuteNonQuery();
        }

        using (var tables = new NpgsqlCommand(Tables, connection))
        {
            tables.ExecuteNonQuery();
        }

        foreach (var (name, text) in Statements)
        {
            using var statement = PostgresDatabase.Command(
                connection, "INSERT INTO OrleansQuery VALUES ($1, $2) ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText", [name, text]);
            statement.ExecuteNonQuery();
        }

        transaction.Commit();
    }
}
