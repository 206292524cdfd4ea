using System.Collections.Frozen;
using PiGrid.Protocol;

namespace PiGrid.Grains.Telemetry;

// What is counted where it happens. Words for labels are made once, not for every measurement.
public sealed partial class GridMetrics
{
    private static readonly FrozenDictionary<ReplicaState, string> States = Words<ReplicaState>();
    private static readonly FrozenDictionary<Verdict, string> Verdicts = Words<Verdict>();
    private static readonly FrozenDictionary<NodeState, string> NodeStates = Words<NodeState>();
    private static readonly FrozenDictionary<InferenceFailureCode, string> Failures = Words<InferenceFailureCode>();
    private static readonly FrozenDictionary<JobState, string> JobStates = Words<JobState>();

    /// <summary>A node moves from one state and tier to another; null for one that is not kept in memory.</summary>
    internal void NodeMoved(NodeCount? from, NodeCount? to)
    {
        Count(from, -1);
        Count(to, 1);

        void Count(NodeCount? node, int change)
        {
            if (node is { } known)
            {
                _nodes.Add(change, Tag("pigrid.node.state", NodeStates[known.State]), Tag("pigrid.node.tier", known.Tier));
            }
        }
    }

    /// <summary>More or fewer leases are held.</summary>
    internal void LeasesHeld(int change)
    {
        if (change != 0)
        {
            _leases.Add(change);
        }
    }

    /// <summary>A lease reached a state.</summary>
    internal void LeaseChanged(ReplicaState state) => _leaseChanges.Add(1, Tag("pigrid.lease.state", States[state]));

    /// <summary>A result got its verdict.</summary>
    internal void ResultJudged(Verdict verdict) => _results.Add(1, Tag("pigrid.verdict", Verdicts[verdict]));

    /// <summary>A check said something about a result.</summary>
    internal void Checked(bool wrong) => _checks.Add(1, Tag("pigrid.outcome", wrong ? "failed" : "passed"));

    /// <summary>More or fewer replicas wait.</summary>
    internal void QueueMoved(int change) => Interlocked.Add(ref _waiting, change);

    /// <summary>Since when the oldest replica waits in a dispatcher; null when none does.</summary>
    internal void QueueOldest(string dispatcher, DateTimeOffset? askedAt)
    {
        if (askedAt is { } at)
        {
            _oldest[dispatcher] = at;
        }
        else
        {
            _oldest.TryRemove(dispatcher, out _);
        }
    }

    /// <summary>A node was given a replica.</summary>
    internal void ReplicaGiven(ReplicaRequest request, TimeSpan waited)
    {
        var purpose = Tag("pigrid.replica.purpose", PurposeOf(request));
        _replicas.Add(1, purpose);
        _dispatch.Record(Math.Max(0, waited.TotalSeconds), purpose);
    }

    /// <summary>What a replica is wanted for, in a word.</summary>
    internal static string PurposeOf(ReplicaRequest request) => request.Order.Work.Kind switch
    {
        WorkKind.Validate => "validation",
        WorkKind.Open or WorkKind.Audit => "segments",
        WorkKind.Run => request.Operator ? "audit" : request.Hedge ? "hedge" : "run",
    };

    /// <summary>An online call begins, or ends.</summary>
    internal void CallsUnderWay(int change) => Interlocked.Add(ref _callsActive, change);

    /// <summary>An online call was answered.</summary>
    internal void CallAnswered(ModelRef model, InferenceAnswer answer, TimeSpan took)
    {
        var label = Tag("pigrid.model", answer.Failure?.Code is InferenceFailureCode.UnknownModel ? OtherModels : LabelOf(model));
        _calls.Record(Math.Max(0, took.TotalSeconds), label, Tag("pigrid.outcome", OutcomeOf(answer)));
        if (answer.Output is not null)
        {
            _callsQueued.Record(answer.QueueMs / 1000, label);
            _shardReplicas.Record(answer.Replicas, Tag("pigrid.shard.kind", "call"));
        }
    }

    /// <summary>How a call ended, in a word.</summary>
    internal static string OutcomeOf(InferenceAnswer answer) => answer.Failure is { } failure ? Failures[failure.Code] : "answered";

    /// <summary>A job's shard was closed. The validation of a model is no shard that anybody pays for.</summary>
    internal void ShardClosed(WorkTemplate work, bool accepted, int replicas, TimeSpan took)
    {
        if (work.Kind == WorkKind.Validate)
        {
            return;
        }

        var label = Tag("pigrid.model", LabelOf(work.Model));
        _shards.Add(1, label, Tag("pigrid.outcome", accepted ? "accepted" : "given_up"));
        if (accepted)
        {
            _shardTime.Record(Math.Max(0, took.TotalSeconds), label);
            _shardReplicas.Record(replicas, Tag("pigrid.shard.kind", "job"));
        }
    }

    /// <summary>A job was accepted.</summary>
    internal void JobStarted(WorkKind kind) => _jobsStarted.Add(1, Tag("pigrid.job.kind", KindOf(kind)));

    /// <summary>A job ended.</summary>
    internal void JobEnded(WorkKind kind, JobState state) => _jobsEnded.Add(1, Tag("pigrid.job.kind", KindOf(kind)), Tag("pigrid.outcome", JobStates[state]));

    /// <summary>A grain's state was written, or could not be.</summary>
    public void StateWritten(string store, bool failed, TimeSpan took) =>
        _writes.Record(took.TotalSeconds, Tag("pigrid.store", store), Tag("pigrid.outcome", failed ? "failed" : "written"));

    /// <summary>Bytes of blobs were stored or opened.</summary>
    public void BlobBytes(long bytes, bool stored) => _blobBytes.Add(bytes, Tag("pigrid.direction", stored ? "stored" : "opened"));

    /// <summary>A message of the node protocol.</summary>
    /// <param name="type">What the message calls itself; one of the protocol's words.</param>
    /// <param name="sent">Whether the silo sent it; else the node did.</param>
    public void NodeMessage(string type, bool sent) => _messages.Add(1, Tag("pigrid.direction", sent ? "sent" : "received"), Tag("pigrid.message.type", type));

    private static string KindOf(WorkKind kind) => kind == WorkKind.Validate ? "validation" : "run";

    private static FrozenDictionary<T, string> Words<T>()
        where T : struct, Enum =>
        Enum.GetValues<T>().ToFrozenDictionary(value => value, value => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));
}
