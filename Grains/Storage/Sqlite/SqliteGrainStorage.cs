using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace PiGrid.Grains.Storage.Sqlite;

/// <summary>Grain states in the grid's database: one row per state, with the version that its writer must know to replace it.</summary>
public sealed class SqliteGrainStorage(SqliteDatabase database) : IGrainStorage
{
    private readonly VersionSource _versions = new();

    /// <inheritdoc/>
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var grain = grainId.ToString();
        var rows = await database.ReadAsync(session => session.Query(
            "SELECT etag, format, payload FROM grain_state WHERE grain = $1 AND name = $2",
            static row => (ETag: row.GetString(0), Format: row.GetInt32(1), Payload: row.GetFieldValue<byte[]>(2)),
            grain,
            stateName));
        if (rows.Count == 0)
        {
            (grainState.State, grainState.ETag, grainState.RecordExists) = (StateFormat.Blank<T>(), null, false);
            return;
        }

        var (etag, format, payload) = rows[0];
        grainState.State = StateFormat.Read<T>(format, payload, $"state '{stateName}' of {grain} in {database.File}");
        (grainState.ETag, grainState.RecordExists) = (etag, true);
    }

    /// <inheritdoc/>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var (grain, known, next) = (grainId.ToString(), grainState.ETag, _versions.Next());
        var payload = StateFormat.Write(grainState.State);
        var stored = await database.WriteAsync(session =>
        {
            var changed = known is null
                ? session.Execute(
                    "INSERT INTO grain_state (grain, name, etag, format, payload) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                    grain, stateName, next, StateFormat.Version, payload)
                : session.Execute(
                    "UPDATE grain_state SET etag = $3, format = $4, payload = $5 WHERE grain = $1 AND name = $2 AND etag = $6",
                    grain, stateName, next, StateFormat.Version, payload, known);
            return changed == 1 ? next : EtagOf(session, grain, stateName);
        });
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
        var left = await database.WriteAsync(session =>
        {
            session.Execute("DELETE FROM grain_state WHERE grain = $1 AND name = $2 AND etag = $3", grain, stateName, known ?? "");
            return EtagOf(session, grain, stateName);
        });
        if (left is not null)
        {
            throw StateFormat.Stale(stateName, grain, left, known);
        }

        (grainState.State, grainState.ETag, grainState.RecordExists) = (StateFormat.Blank<T>(), null, false);
    }

    private static string? EtagOf(SqliteSession session, string grain, string name) =>
        (string?)session.Scalar("SELECT etag FROM grain_state WHERE grain = $1 AND name = $2", grain, name);
}
