using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace PiGrid.Grains.Storage.Postgres;

/// <summary>
/// Grain states in PostgreSQL: one row per state, with the version that its writer must know to replace it. The version is chosen before the write, so a
/// write that was sent twice because its answer was lost finds its own version and has succeeded.
/// </summary>
public sealed class PostgresGrainStorage(PostgresDatabase database) : IGrainStorage
{
    private const string Insert = """
        WITH written AS (
            INSERT INTO grain_state (grain, name, etag, format, payload) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING etag)
        SELECT etag FROM (SELECT etag, 0 AS rank FROM written UNION ALL SELECT etag, 1 FROM grain_state WHERE grain = $1 AND name = $2) found
        ORDER BY rank LIMIT 1
        """;

    private const string Update = """
        WITH written AS (
            UPDATE grain_state SET etag = $3, format = $4, payload = $5 WHERE grain = $1 AND name = $2 AND etag = $6 RETURNING etag)
        SELECT etag FROM (SELECT etag, 0 AS rank FROM written UNION ALL SELECT etag, 1 FROM grain_state WHERE grain = $1 AND name = $2) found
        ORDER BY rank LIMIT 1
        """;

    private const string Delete = """
        WITH gone AS (DELETE FROM grain_state WHERE grain = $1 AND name = $2 AND etag = $3 RETURNING etag)
        SELECT etag FROM grain_state WHERE grain = $1 AND name = $2 AND NOT EXISTS (SELECT FROM gone)
        """;

    private readonly VersionSource _versions = new();

    /// <inheritdoc/>
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var grain = grainId.ToString();
        var rows = await database.QueryAsync(
            "SELECT etag, format, payload FROM grain_state WHERE grain = $1 AND name = $2",
            static row => (ETag: row.GetString(0), Format: row.GetInt32(1), Payload: row.GetFieldValue<byte[]>(2)),
            [grain, stateName]);
        if (rows.Count == 0)
        {
            (grainState.State, grainState.ETag, grainState.RecordExists) = (StateFormat.Blank<T>(), null, false);
            return;
        }

        var (etag, format, payload) = rows[0];
        grainState.State = StateFormat.Read<T>(format, payload, $"state '{stateName}' of {grain} in the {database.Where}");
        (grainState.ETag, grainState.RecordExists) = (etag, true);
    }

    /// <inheritdoc/>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var (grain, known, next) = (grainId.ToString(), grainState.ETag, _versions.Next());
        var payload = StateFormat.Write(grainState.State);
        var stored = known is null
            ? await database.WriteAsync<string>(Insert, [grain, stateName, next, StateFormat.Version, payload])
            : await database.WriteAsync<string>(Update, [grain, stateName, next, StateFormat.Version, payload, known]);
        if (stored != next)
        {
            throw StateFormat.Stale(stateName, grain, stored, known);
        }

        (grainState.ETag, grainState.RecordExists) = (next, true);
    }

    /// <inheritdoc/>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var (grain, known) = (grainId.ToString(), grainState.ETag);
        if (await database.WriteAsync<string>(Delete, [grain, stateName, known ?? ""]) is { } left)
        {
            throw StateFormat.Stale(stateName, grain, left, known);
        }

        (grainState.State, grainState.ETag, grainState.RecordExists) = (StateFormat.Blank<T>(), null, false);
    }
}
