using System.Collections.Immutable;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Grains.Shards;

/// <summary>What the shard's rules want done. Each is harmless when done twice.</summary>
internal abstract record ShardCommand
{
    /// <summary>Ask the dispatcher for a replica.</summary>
    public sealed record Want(ReplicaRequest Request) : ShardCommand;

    /// <summary>Tell the dispatcher that a replica is no longer wanted.</summary>
    public sealed record Withdraw(Guid Request) : ShardCommand;

    /// <summary>Keep bytes as blobs, which the next request names.</summary>
    public sealed record Keep(IReadOnlyList<byte[]> Blobs) : ShardCommand;

    /// <summary>Take a lease back.</summary>
    public sealed record CancelLease(NodeId Node, LeaseId Lease, string Reason) : ShardCommand;

    /// <summary>Tell a node what became of its result.</summary>
    public sealed record TellVerdict(NodeId Node, LeaseId Lease, Verdict Verdict, string? Reason) : ShardCommand;

    /// <summary>Tell a node's grain what a check said about its result.</summary>
    public sealed record TellEvidence(NodeId Node, LeaseId Lease, bool Wrong, string Detail) : ShardCommand;

    /// <summary>Tell those who watch the job.</summary>
    public sealed record Notify(JobEventKind Kind, NodeId? Node, LeaseId? Lease, string? Detail) : ShardCommand;

    /// <summary>Tell the job why the shard waits, or that it no longer does.</summary>
    public sealed record TellQueued(string? Reason) : ShardCommand;

    /// <summary>Make the canonical result durable with its receipt, then tell the job. Always before the verdicts that rest on it.</summary>
    public sealed record Accept(Replica Canonical, ImmutableArray<Replica> Compared, ImmutableHashSet<LeaseId> Agreed, bool Audited) : ShardCommand
    {
        /// <summary>The volunteers on whom it rests, in order of arrival.</summary>
        public required ImmutableArray<ShardWitness> Witnesses { get; init; }

        /// <summary>What an operator node said of volunteers' results.</summary>
        public required ImmutableArray<ShardJudgement> Judged { get; init; }
    }

    /// <summary>Make the end without a result durable, then tell the job.</summary>
    public sealed record GiveUp(string Reason) : ShardCommand;

    /// <summary>Tell the job again how the shard ended.</summary>
    public sealed record ReportAgain : ShardCommand;
}

/// <summary>What a shard's rule returns.</summary>
/// <param name="State">The new state.</param>
/// <param name="Commands">What to do, in order.</param>
internal sealed record ShardStep(ShardState State, ImmutableList<ShardCommand> Commands);

/// <summary>What happens to a shard.</summary>
internal abstract record ShardEvent
{
    /// <summary>The job opens it.</summary>
    public sealed record Opened(ShardSpec Spec) : ShardEvent;

    /// <summary>A node's grain reports on a replica.</summary>
    public sealed record ReplicaChanged(ReplicaChange Change) : ShardEvent;

    /// <summary>A result arrived; <paramref name="Problem"/> says why its output cannot be used, then <paramref name="Result"/> is null.</summary>
    public sealed record ResultArrived(SignedResult Signed, ReplicaSender Sender, ReturnedResult? Result, string? Problem) : ShardEvent;

    /// <summary>The dispatcher can, or cannot, place its replicas.</summary>
    public sealed record PlacementBlocked(string? Reason, bool LacksOwners = false) : ShardEvent;

    /// <summary>The job waits for few shards only.</summary>
    public sealed record Hurried : ShardEvent;

    /// <summary>The job wants its result checked further.</summary>
    public sealed record CheckWanted(ShardCheck Check) : ShardEvent;

    /// <summary>The job gives it up.</summary>
    public sealed record Abandoned(string Reason) : ShardEvent;

    /// <summary>Time has passed; see <see cref="ShardRules.WakeAt"/>.</summary>
    public sealed record TimePassed : ShardEvent;
}
