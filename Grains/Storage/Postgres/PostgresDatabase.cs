using Npgsql;

namespace PiGrid.Grains.Storage.Postgres;

/// <summary>
/// The grid's database on a PostgreSQL server: one writer with group commit, readers beside it. While the server is away, reads and writes wait for
/// it up to <see cref="PostgresOptions.OutageWait"/>. Thread-safe.
/// </summary>
public sealed class PostgresDatabase : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(200);

    private readonly NpgsqlDataSource _source;
    private readonly PostgresOptions _options;
    private readonly StoreHealth _health;
    private readonly TimeProvider _time;
    private readonly PostgresWriter _writer;

    private PostgresDatabase(
        NpgsqlDataSource source, PostgresOptions options, StorageOptions storage, StoreHealth health, TimeProvider time, string where)
    {
        (_source, _options, _health, _time, Where) = (source, options, health, time, where);
        _writer = new PostgresWriter(source, storage, time, () => _health.Succeeded(), Failed);
    }

    /// <summary>The database for people, as <c>database 'pigrid' on db.example:5432</c>.</summary>
    public string Where { get; }

    /// <summary>Connects, and makes or updates the schema.</summary>
    /// <exception cref="StorageException">It cannot be reached or used; the message names host and database and the remedy, and no secret.</exception>
    public static PostgresDatabase Open(PostgresOptions options, StorageOptions storage, StoreHealth health, TimeProvider time) =>
        Open(options, storage, health, time, PostgresSchema.Migrations);

    /// <summary>With other migrations; for tests.</summary>
    internal static PostgresDatabase Open(
        PostgresOptions options, StorageOptions storage, StoreHealth health, TimeProvider time, IReadOnlyList<(int Version, string Sql)> migrations)
    {
        ArgumentNullException.ThrowIfNull(options);
        var connection = options.ToConnectionString();
        var where = Describe(connection);
        var source = new NpgsqlDataSourceBuilder(connection.ToString()).Build();
        try
        {
            PostgresSchema.Prepare(source, options, where, migrations);
            PostgresMembership.Prepare(source, options);
            return new PostgresDatabase(source, options, storage, health, time, where);
        }
        catch (Exception e) when (e is not ObjectDisposedException)
        {
            source.Dispose();
            throw PostgresErrors.Explain(e, where);
        }
    }

    /// <summary>A database for people.</summary>
    internal static string Describe(NpgsqlConnectionStringBuilder connection) =>
        $"database '{connection.Database ?? connection.Username}' on {connection.Host}:{connection.Port}";

    /// <summary>Runs a statement; completes when it is durable.</summary>
    /// <param name="sql">The statement; parameters are <c>$1</c>, <c>$2</c> and so on. Running it twice must have the outcome of running it once.</param>
    /// <param name="values">The parameters; none is null.</param>
    /// <param name="cancellationToken">Stops waiting for room in the queue.</param>
    /// <returns>The first column of the first row; default when there is none.</returns>
    /// <exception cref="StorageException">The server is away or failing.</exception>
    internal Task<T?> WriteAsync<T>(string sql, object[] values, CancellationToken cancellationToken = default) =>
        _writer.WriteAsync(new PostgresWrite<T>(sql, values, _time.GetUtcNow() + _options.OutageWait), cancellationToken);

    /// <summary>Reads rows; sees every write that completed before.</summary>
    /// <exception cref="StorageException">The server is away or failing.</exception>
    internal Task<List<T>> QueryAsync<T>(string sql, Func<NpgsqlDataReader, T> row, object[] values, CancellationToken cancellationToken = default) => RetryAsync(
        async connection =>
        {
            await using var command = Command(connection, sql, values);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancellationToken))
            {
                rows.Add(row(reader));
            }

            return rows;
        },
        cancellationToken);

    /// <summary>Does work that can be done again on a connection; again while the server is away.</summary>
    /// <exception cref="StorageException">The server is away or failing.</exception>
    internal async Task<T> RetryAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        var deadline = _time.GetUtcNow() + _options.OutageWait;
        while (true)
        {
            try
            {
                await using var connection = await _source.OpenConnectionAsync(cancellationToken);
                var outcome = await work(connection);
                _health.Succeeded();
                return outcome;
            }
            catch (Exception e) when (PostgresErrors.IsTransient(e) && _time.GetUtcNow() < deadline)
            {
                Failed(e);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                throw Failed(e);
            }

            await Task.Delay(RetryPause, _time, cancellationToken);
        }
    }

    /// <summary>A connection of the caller's own, which is not tried again.</summary>
    internal ValueTask<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken) => _source.OpenConnectionAsync(cancellationToken);

    /// <summary>A statement on a connection.</summary>
    internal static NpgsqlCommand Command(NpgsqlConnection connection, string sql, object[] values)
    {
#pragma warning disable CA2100 // Every statement is a constant of this folder; values travel as parameters.
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }

    /// <summary>Asks the server whether it is there, once.</summary>
    /// <returns>Why not; null when it is.</returns>
    internal async Task<StorageException?> ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            await using var command = Command(connection, "SELECT 1", []);
            await command.ExecuteScalarAsync(cancellationToken);
            _health.Succeeded();
            return null;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            return Failed(e);
        }
    }

    /// <summary>What an error means; a server that is away is reported.</summary>
    internal StorageException Failed(Exception e)
    {
        var reason = PostgresErrors.Explain(e, Where);
        if (reason.Away)
        {
            _health.Failed("the database cannot be reached");
        }

        return reason;
    }

    /// <summary>Commits what waits and closes the connections.</summary>
    public void Dispose()
    {
        _writer.Dispose();
        _source.Dispose();
    }
}
