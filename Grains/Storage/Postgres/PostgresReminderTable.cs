using Npgsql;
using Orleans;
using Orleans.Runtime;

namespace PiGrid.Grains.Storage.Postgres;

/// <summary>Reminders in PostgreSQL.</summary>
public sealed class PostgresReminderTable(PostgresDatabase database) : IReminderTable
{
    private const string Columns = "SELECT grain, name, start_at, period, etag FROM reminder ";

    private readonly VersionSource _versions = new();

    /// <inheritdoc/>
    public async Task<ReminderTableData> ReadRows(GrainId grainId) =>
        new(await database.QueryAsync(Columns + "WHERE grain = $1", Entry, [grainId.ToString()]));

    /// <inheritdoc/>
    public async Task<ReminderTableData> ReadRows(uint begin, uint end) => new(await database.QueryAsync(
        Columns + (begin < end ? "WHERE hash > $1 AND hash <= $2" : "WHERE hash > $1 OR hash <= $2"), Entry, [(long)begin, (long)end]));

    /// <inheritdoc/>
    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName)
    {
        var rows = await database.QueryAsync(Columns + "WHERE grain = $1 AND name = $2", Entry, [grainId.ToString(), reminderName]);
        return rows.Count == 0 ? null : rows[0];
    }

    /// <inheritdoc/>
    public async Task<string?> UpsertRow(ReminderEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var next = _versions.Next();
        await database.WriteAsync<string>(
            """
            INSERT INTO reminder (grain, name, hash, start_at, period, etag) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (grain, name) DO UPDATE SET start_at = excluded.start_at, period = excluded.period, etag = excluded.etag
            """,
            [entry.GrainId.ToString(), entry.ReminderName, (long)entry.GrainId.GetUniformHashCode(), entry.StartAt.Ticks, entry.Period.Ticks, next]);
        entry.ETag = next;
        return next;
    }

    /// <inheritdoc/>
    public async Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => eTag == await database.WriteAsync<string>(
        "DELETE FROM reminder WHERE grain = $1 AND name = $2 AND etag = $3 RETURNING etag", [grainId.ToString(), reminderName, eTag]);

    /// <inheritdoc/>
    public Task TestOnlyClearTable() => database.WriteAsync<string>("DELETE FROM reminder", []);

    private static ReminderEntry Entry(NpgsqlDataReader row) => new()
    {
        GrainId = GrainId.Parse(row.GetString(0)),
        ReminderName = row.GetString(1),
        StartAt = new DateTime(row.GetInt64(2), DateTimeKind.Utc),
        Period = new TimeSpan(row.GetInt64(3)),
        ETag = row.GetString(4),
    };
}
