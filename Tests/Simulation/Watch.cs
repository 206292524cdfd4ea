using PiGrid.Grains.Jobs;
using PiGrid.Grains.Shards;
using PiGrid.Protocol;

namespace PiGrid.Tests.Simulation;

/// <summary>Sees what happens: counts for reports, and checks what spans several steps.</summary>
internal sealed class Watch
{
    private const int LeasesRemembered = 500_000;

    private readonly HashSet<LeaseId> _counted = [];

    /// <summary>Replicas given to nodes.</summary>
    public long Replicas { get; private set; }

    /// <summary>Those of them that were hedges.</summary>
    public long Hedges { get; private set; }

    /// <summary>Shards accepted, as their jobs heard it: again after a crash took what was heard.</summary>
    public long Accepted { get; private set; }

    /// <summary>Shards given up, likewise.</summary>
    public long GivenUp { get; private set; }

    /// <summary>Jobs that have ended.</summary>
    public long JobsEnded { get; private set; }

    /// <summary>Is told of every step of a shard; for a closer look at a run.</summary>
    public Action<ShardId, ShardEvent, ShardStep>? OnShardStep { get; set; }

    /// <summary>Is told of every replica as it is given to a node.</summary>
    public Action<Lease>? OnIssued { get; set; }

    /// <summary>Is told when a job's end is durable.</summary>
    public Action<JobId, JobRecord>? OnJobEnded { get; set; }

    public void ShardStep(ShardId id, ShardEvent happened, ShardStep step) => OnShardStep?.Invoke(id, happened, step);

    public void Issued(Lease lease, bool isHedge)
    {
        Replicas++;
        Hedges += isHedge ? 1 : 0;
        OnIssued?.Invoke(lease);
    }

    public void ShardClosed(JobId job, ShardOutcome outcome)
    {
        _ = job;
        Accepted += outcome.Accepted ? 1 : 0;
        GivenUp += outcome.Accepted ? 0 : 1;
    }

    public void JobEnded(JobId id, JobRecord ended)
    {
        JobsEnded++;
        OnJobEnded?.Invoke(id, ended);
    }

    /// <summary>A verdict reached a node's tally, or did not: within one life of the silo it does so once at most.</summary>
    public void Judged(LeaseId lease, NodeTally before, NodeTally after)
    {
        var counted = after.Accepted + after.Wrong + after.Invalid - before.Accepted - before.Wrong - before.Invalid;
        Invariants.Require(counted is 0 or 1, $"Lease {lease} changes a tally by {counted}.");
        if (_counted.Count >= LeasesRemembered)
        {
            _counted.Clear();
        }

        Invariants.Require(counted == 0 || _counted.Add(lease), $"Lease {lease} is counted twice in its node's tally.");
    }

    /// <summary>A node heard what became of a result.</summary>
    public static void Told(bool isRight, VerdictMessage verdict) => Invariants.Require(
        !isRight || verdict.Verdict is Verdict.Accepted or Verdict.TooLate, $"Lease {verdict.Lease} has the right result and is told {verdict.Verdict} ({verdict.Reason}).");

    /// <summary>The tallies since their last saving are lost.</summary>
    public void SiloCrashed() => _counted.Clear();
}
