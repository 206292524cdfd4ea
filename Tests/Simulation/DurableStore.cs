using PiGrid.Grains.Jobs;
using PiGrid.Grains.Nodes;

namespace PiGrid.Tests.Simulation;

/// <summary>What survives a crash of the silo. It refuses what must never be written.</summary>
internal sealed class DurableStore(int endsKept)
{
    private readonly Dictionary<ShardId, ShardEnd> _shards = [];
    private readonly Queue<ShardId> _ends = [];
    private readonly Dictionary<JobId, JobRecord> _jobs = [];
    private readonly Dictionary<JobId, bool> _registry = [];
    private readonly Dictionary<NodeId, (NodeStanding Standing, NodeHistory History)> _nodes = [];

    /// <summary>The jobs that the registry lists, and whether it calls them open.</summary>
    public IReadOnlyDictionary<JobId, bool> Registry => _registry;

    /// <summary>The jobs.</summary>
    public IReadOnlyDictionary<JobId, JobRecord> Jobs => _jobs;

    /// <summary>The shards that have ended.</summary>
    public IReadOnlyDictionary<ShardId, ShardEnd> Shards => _shards;

    /// <summary>A shard ends.</summary>
    public void Put(ShardId id, ShardEnd end)
    {
        if (_shards.TryGetValue(id, out var before))
        {
            throw new SimulationFailedException($"Shard {id} ends twice: {Describe(before)}, then {Describe(end)}.");
        }

        _shards.Add(id, end);
        _ends.Enqueue(id);
        if (_ends.Count > endsKept)
        {
            _shards.Remove(_ends.Dequeue());
        }

        Invariants.CheckEnd(id, end);
    }

    /// <summary>A job begins, gets on, or ends.</summary>
    public void Put(JobId id, JobRecord record)
    {
        if (_jobs.TryGetValue(id, out var before) && before.State != JobState.Running && before.State != record.State)
        {
            throw new SimulationFailedException($"Job {id} was {before.State} and becomes {record.State}.");
        }

        _jobs[id] = record;
        if (record.State == JobState.Completed)
        {
            Invariants.CheckCompleted(id, record, _shards);
        }
    }

    /// <summary>The registry's entry.</summary>
    public void Enter(JobId id, bool open) => _registry[id] = open;

    /// <summary>The registry forgets a job.</summary>
    public void Leave(JobId id) => _registry.Remove(id);

    /// <summary>A node's standing.</summary>
    public void Put(NodeId id, NodeStanding standing, NodeHistory history) => _nodes[id] = (standing, history);

    /// <summary>A node's standing; it must be enrolled.</summary>
    public (NodeStanding Standing, NodeHistory History) Node(NodeId id) => _nodes[id];

    private static string Describe(ShardEnd end) => end.Accepted is { } accepted
        ? $"accepted by lease {accepted.Canonical.Lease} at {end.Outcome.At:O}"
        : $"given up at {end.Outcome.At:O} ({end.Outcome.Error})";
}
