using PiGrid.Grains.Jobs;
using PiGrid.Protocol;

namespace PiGrid.Tests.Simulation;

/// <summary>What must hold at every instant, whatever the faults. Checked where things become durable or are told.</summary>
internal static class Invariants
{
    /// <summary>An accepted shard has a receipt's data: results of distinct owners, as many as the policy wants, and the right answer.</summary>
    public static void CheckEnd(ShardId id, ShardEnd end)
    {
        if (end.Accepted is not { } accepted)
        {
            return;
        }

        Require(accepted.Canonical.Result is not null && accepted.Agreed.Contains(accepted.Canonical.Lease!.Value), $"Shard {id} is accepted without its canonical result.");
        Require(accepted.Compared.All(r => r.Result is not null), $"Shard {id} compares replicas without results.");
        Require(accepted.Compared.DistinctBy(r => r.Lease).Count() == accepted.Compared.Length, $"Shard {id} counts a lease twice.");
        var agreed = accepted.Compared.Where(r => accepted.Agreed.Contains(r.Lease!.Value)).ToArray();
        Require(agreed.Length == accepted.Agreed.Count, $"Shard {id} is agreed upon by leases that were not compared.");
        Require(agreed.DistinctBy(r => r.Owner).Count() == agreed.Length, $"Shard {id} is accepted by two results of one owner.");
        Require(agreed.Length >= end.Spec!.Policy.Agreeing, $"Shard {id} is accepted by {agreed.Length} results, where {end.Spec.Policy} holds.");
        Require(
            end.Spec.Policy.Agreeing == 1 || accepted.Canonical.Result!.Signed.Statement.Output == Outputs.Right(id).Digest,
            $"Shard {id} has a wrong result, although nobody colludes.");
    }

    /// <summary>A job is completed when all its shards have ended, and the counts are theirs.</summary>
    public static void CheckCompleted(JobId id, JobRecord record, IReadOnlyDictionary<ShardId, ShardEnd> shards)
    {
        var ends = Enumerable.Range(0, record.ShardCount).Select(i => shards.GetValueOrDefault(new ShardId(id, i))).ToArray();
        Require(ends.All(end => end is not null), $"Job {id} is completed while shard {Array.FindIndex(ends, end => end is null)} has no end.");
        Require(ends.Count(end => end!.Outcome.Accepted) == record.Progress.Accepted, $"Job {id} counts {record.Progress.Accepted} accepted shards, not {ends.Count(e => e!.Outcome.Accepted)}.");
        Require(ends.Sum(end => end!.Outcome.Replicas) == record.Progress.Replicas, $"Job {id} counts {record.Progress.Replicas} replicas, not {ends.Sum(e => e!.Outcome.Replicas)}.");
    }

    /// <summary>No verdict is told that rests on nothing durable.</summary>
    public static void CheckVerdict(ShardId id, LeaseId lease, Verdict verdict, ShardEnd? end)
    {
        if (verdict == Verdict.Accepted)
        {
            Require(end?.Accepted?.Agreed.Contains(lease) == true, $"Lease {lease} is told that it is accepted, but no receipt of shard {id} says so.");
        }

        if (verdict == Verdict.Rejected)
        {
            Require(end?.Accepted is { } accepted && !accepted.Agreed.Contains(lease), $"Lease {lease} is told that it is wrong, but no receipt of shard {id} says so.");
        }
    }

    /// <summary>Fails the run.</summary>
    public static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new SimulationFailedException(otherwise);
        }
    }
}
