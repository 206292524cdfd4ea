using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using PiGrid.Grains.Storage.Backup;

namespace PiGrid.Grains.Storage.Sqlite;

/// <summary>The grid's SQLite database in the form that is the same for every store. A snapshot is a read transaction: the write-ahead log lets writers go on.</summary>
public sealed class SqliteStore(SqliteDatabase database) : IGridStore
{
    /// <inheritdoc/>
    public Task<IStoreSnapshot> SnapshotAsync(CancellationToken cancellationToken) => Task.FromResult<IStoreSnapshot>(SnapshotOf(database.File));

    /// <inheritdoc/>
    public Task AddAsync(IReadOnlyList<StoredState> states, CancellationToken cancellationToken) => database.WriteAsync(
        session => states.Sum(s => session.Execute(
            "INSERT INTO grain_state (grain, name, etag, format, payload) VALUES ($1, $2, $3, $4, $5)", s.Grain, s.Name, s.Etag, s.Format, s.Payload)),
        cancellationToken);

    /// <inheritdoc/>
    public Task AddAsync(IReadOnlyList<StoredReminder> reminders, CancellationToken cancellationToken) => database.WriteAsync(
        session => reminders.Sum(r => session.Execute(
            "INSERT INTO reminder (grain, name, hash, start_at, period, etag) VALUES ($1, $2, $3, $4, $5, $6)",
            r.Grain, r.Name, r.Hash, r.StartAt, r.Period, r.Etag)),
        cancellationToken);

    /// <summary>Refuses a file that is not a grid's, or of another release, without changing it.</summary>
    /// <exception cref="StorageException">It is, or cannot be read.</exception>
    public static void RequireCurrent(string file)
    {
        try
        {
            using var session = SqliteSession.Open(file, SqliteOpenMode.ReadWrite);
            StorageSchema.RequireCurrent(file, SqliteSchema.RequireGrid(session, file));
        }
        catch (SqliteException e)
        {
            throw StorageException.From(e, file);
        }
    }

    private static Snapshot SnapshotOf(string file)
    {
        SqliteSession? session = null;
        try
        {
            session = SqliteSession.Open(file, SqliteOpenMode.ReadWrite);
            session.Execute("BEGIN");
            return new Snapshot(session, file);
        }
        catch (Exception e)
        {
            session?.Dispose();
            throw e is SqliteException sqlite ? StorageException.From(sqlite, file) : e;
        }
    }

    private sealed class Snapshot(SqliteSession session, string file) : IStoreSnapshot
    {
        private const int PageRows = 256;

        public async IAsyncEnumerable<IReadOnlyList<StoredState>> StatesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            var (grain, name) = ("", "");
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var page = Read(
                    "SELECT grain, name, etag, format, payload FROM grain_state WHERE (grain, name) > ($1, $2) ORDER BY grain, name LIMIT $3",
                    static row => new StoredState(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetFieldValue<byte[]>(4)),
                    grain,
                    name,
                    PageRows);
                if (page.Count == 0)
                {
                    yield break;
                }

                yield return page;
                (grain, name) = (page[^1].Grain, page[^1].Name);
            }
        }

        public Task<IReadOnlyList<StoredReminder>> RemindersAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<StoredReminder>>(Read(
            "SELECT grain, name, hash, start_at, period, etag FROM reminder ORDER BY grain, name",
            static row => new StoredReminder(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetString(5))));

        public ValueTask DisposeAsync()
        {
            session.Dispose();
            return ValueTask.CompletedTask;
        }

        private List<T> Read<T>(string sql, Func<SqliteDataReader, T> row, params ReadOnlySpan<object?> values)
        {
            try
            {
                return session.Query(sql, row, values);
            }
            catch (SqliteException e)
            {
                throw StorageException.From(e, file);
            }
        }
    }
}
