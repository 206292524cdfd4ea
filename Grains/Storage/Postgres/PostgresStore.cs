using System.Runtime.CompilerServices;
using Npgsql;
using PiGrid.Grains.Storage.Backup;

namespace PiGrid.Grains.Storage.Postgres;

/// <summary>The grid's PostgreSQL database in the form that is the same for every store. A snapshot is a transaction that sees one moment.</summary>
public sealed class PostgresStore(PostgresDatabase database) : IGridStore
{
    /// <inheritdoc/>
    public async Task<IStoreSnapshot> SnapshotAsync(CancellationToken cancellationToken)
    {
        NpgsqlConnection? connection = null;
        try
        {
            connection = await database.ConnectAsync(cancellationToken);
            await using var begin = PostgresDatabase.Command(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", []);
            await begin.ExecuteNonQueryAsync(cancellationToken);
            return new Snapshot(database, connection);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            await (connection?.DisposeAsync() ?? default);
            throw database.Failed(e);
        }
    }

    /// <inheritdoc/>
    public Task AddAsync(IReadOnlyList<StoredState> states, CancellationToken cancellationToken) => Task.WhenAll(states.Select(s => database.WriteAsync<string>(
        "INSERT INTO grain_state (grain, name, etag, format, payload) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        [s.Grain, s.Name, s.Etag, s.Format, s.Payload],
        cancellationToken)));

    /// <inheritdoc/>
    public Task AddAsync(IReadOnlyList<StoredReminder> reminders, CancellationToken cancellationToken) => Task.WhenAll(reminders.Select(r => database.WriteAsync<string>(
        "INSERT INTO reminder (grain, name, hash, start_at, period, etag) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        [r.Grain, r.Name, r.Hash, r.StartAt, r.Period, r.Etag],
        cancellationToken)));

    /// <summary>Refuses a schema that is not a grid's, or of another release, without changing it.</summary>
    /// <exception cref="StorageException">It is, or cannot be read.</exception>
    public static void RequireCurrent(PostgresOptions options) => PostgresRestore.Run(
        options,
        (connection, where) => StorageSchema.RequireCurrent(
            PostgresSchema.Describe(options, where), PostgresSchema.Find(connection, options.Schema, PostgresSchema.Describe(options, where))));

    private sealed class Snapshot(PostgresDatabase database, NpgsqlConnection connection) : IStoreSnapshot
    {
        private const int PageRows = 256;

        public async IAsyncEnumerable<IReadOnlyList<StoredState>> StatesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var (grain, name) = ("", "");
            while (true)
            {
                var page = await ReadAsync(
                    "SELECT grain, name, etag, format, payload FROM grain_state WHERE (grain, name) > ($1, $2) ORDER BY grain, name LIMIT $3",
                    static row => new StoredState(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetFieldValue<byte[]>(4)),
                    [grain, name, PageRows],
                    cancellationToken);
                if (page.Count == 0)
                {
                    yield break;
                }

                yield return page;
                (grain, name) = (page[^1].Grain, page[^1].Name);
            }
        }

        public async Task<IReadOnlyList<StoredReminder>> RemindersAsync(CancellationToken cancellationToken) => await ReadAsync(
            "SELECT grain, name, hash, start_at, period, etag FROM reminder ORDER BY grain, name",
            static row => new StoredReminder(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetString(5)),
            [],
            cancellationToken);

        // Closing the connection ends the transaction.
        public ValueTask DisposeAsync() => connection.DisposeAsync();

        private async Task<List<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> row, object[] values, CancellationToken cancellationToken)
        {
            try
            {
                await using var command = PostgresDatabase.Command(connection, sql, values);
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                var rows = new List<T>();
                while (await reader.ReadAsync(cancellationToken))
                {
                    rows.Add(row(reader));
                }

                return rows;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                throw database.Failed(e);
            }
        }
    }
}
