namespace PiGrid.Grains.Jobs;

// What people see who look into a job.
internal sealed partial class JobGrain
{
    public Task<JobShards?> GetShards(int from, int count) => Task.FromResult(!Exists ? null : new JobShards
    {
        Shards = record.State.ShardCount,
        ShardSize = record.State.ShardSize,
        Running = Running,
        Reached = Stretch(from, count).Where(shard => _opened.Contains(shard) || record.State.Progress.IsClosed(shard)).ToArray(),
    });

    public async Task<IReadOnlyList<JobInput>?> GetInputs(int shard)
    {
        if (!Exists || shard < 0 || shard >= record.State.ShardCount)
        {
            return null;
        }

        await EnsureInputs(CancellationToken.None);
        var (first, count) = JobRules.InputsOf(record.State, shard);
        return count > 0 ? (await _inputs!.ReadAsync(first, count, CancellationToken.None)).ToArray() : [];
    }

    private IEnumerable<int> Stretch(int from, int count)
    {
        var first = Math.Clamp(from, 0, record.State.ShardCount);
        return Enumerable.Range(first, Math.Clamp(count, 0, record.State.ShardCount - first));
    }
}
