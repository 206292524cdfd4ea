using PiGrid.Grains.Shards;
using PiGrid.Protocol;
using PiGrid.Tests.Verification;
using PiGrid.Verification;

namespace PiGrid.Tests.Shards.Segments;

/// <summary>A shard of a model that is cut into four segments, and nodes that open and audit it.</summary>
internal sealed class SegmentBench
{
    public const int Volunteer = 1, Operator = 9;

    private static readonly SegmentTerms Terms = new() { Plan = new(Sha256.Of([7]), 100), Segments = 4 };

    public SegmentBench(VerificationPolicy? policy = null, bool ringer = true, int segmentsPerCheck = 4, int inputs = 1) => Shard = new(
        policy ?? VerificationPolicy.None,
        change: spec => spec with
        {
            Ringer = ringer,
            Audits = true,
            Work = spec.Work with { Segments = Terms },
            Inputs = [.. Enumerable.Range(0, inputs).Select(i => new ShardInput { Index = i, Blob = new(Sha256.Of([(byte)i]), 1) })],
        })
    {
        Segments = new() { SegmentsPerCheck = segmentsPerCheck },
    };

    public ShardBench Shard { get; }

    /// <summary>The request that is out last.</summary>
    public ReplicaRequest Asked => Shard.Wants.Last();

    public static SegmentCommitment Commitment(int input = 0) => new() { Plan = Terms.Plan!.Sha256, Tensors = [Sha256.Of([(byte)input, 1])] };

    public static ItemOutput Opening(int input = 0) => new() { Opening = new() { Commitment = Commitment(input), Tensors = [Samples.FloatTensor(1)] } };

    public static ItemOutput Finding(Agreement said, string? reason = null) => new() { Finding = new(said, reason, 0.25) };

    /// <summary>A volunteer takes the newest request and returns a result with commitments.</summary>
    public IReadOnlyList<ShardCommand> Return(int node = Volunteer, Func<ResultStatement, ResultStatement>? change = null)
    {
        var request = Asked;
        Shard.Change(node, ReplicaState.Assigned, request.Id);
        var output = Samples.Output([.. Shard.Spec.Inputs.Select((_, i) => Samples.Floats(i))]);
        return Send(node, request.Id, null, output, Shard.Spec.Inputs, ResultStatement.TypeV2, [.. Shard.Spec.Inputs.Select((_, i) => CanonicalJson.Digest(Commitment(i)))], change);
    }

    /// <summary>The volunteer opens what it was asked for.</summary>
    public IReadOnlyList<ShardCommand> Open(params ItemOutput[] items) => Open(Volunteer, Asked.Id, items);

    public IReadOnlyList<ShardCommand> Open(int node, Guid request, ItemOutput[] items, Func<ResultStatement, ResultStatement>? change = null) =>
        Send(node, request, WorkKind.Open, Samples.Output(items), Asked.Order.Inputs, ResultStatement.OpeningV1, null, change);

    /// <summary>An operator node says what it found.</summary>
    public IReadOnlyList<ShardCommand> Audit(params ItemOutput[] items) =>
        Send(Operator, Asked.Id, WorkKind.Audit, Samples.Output(items), Asked.Order.Inputs, ResultStatement.AuditV1, null, byOperator: true);

    /// <summary>The node's grain reports on the lease of the newest request.</summary>
    public IReadOnlyList<ShardCommand> Report(int lease, ReplicaState state, Guid? request = null, WorkKind kind = WorkKind.Open) => Shard.Apply(new ShardEvent.ReplicaChanged(new()
    {
        Request = request ?? Asked.Id, Lease = ShardBench.Lease(100 + lease), Node = ShardBench.Node(lease), Owner = ShardBench.Owner(lease), HardwareClass = "x64",
        State = state, Deadline = Shard.Now + TimeSpan.FromMinutes(1), At = Shard.Now, Reason = "so it is", Kind = kind,
    }));

    public IReadOnlyList<ShardCommand> Send(
        int node, Guid request, WorkKind? kind, ShardOutput output, IReadOnlyList<ShardInput> inputs, string type, Sha256[]? commitments,
        Func<ResultStatement, ResultStatement>? change = null, bool byOperator = false, string? problem = null)
    {
        var lease = new Lease
        {
            Id = ShardBench.Lease(kind is null ? node : 100 + node), Request = request, Shard = Shard.Spec.Id, Node = ShardBench.Node(node), Work = Sha256.Of([3]),
            IssuedAt = Shard.Now, Deadline = Shard.Now + TimeSpan.FromMinutes(10), Kind = kind,
        };
        var statement = new ResultStatement
        {
            Type = type, Lease = lease.Id, Manifest = Shard.Spec.Work.Manifest.Sha256, Inputs = [.. inputs.Select(i => i.Blob.Sha256)], Output = Sha256.Of(output.ToCanonicalBytes()),
            Provider = "cpu", Library = "onnxruntime", HardwareClass = "x64", TotalMs = 1, ModelMs = 1, Commitments = commitments,
        };
        var signed = new SignedResult { Lease = new(lease, []), Statement = change?.Invoke(statement) ?? statement, Signature = [], OutputSize = 1 };
        Shard.Now += TimeSpan.FromMilliseconds(1);
        return Shard.Apply(new ShardEvent.ResultArrived(
            signed, new ReplicaSender { Owner = ShardBench.Owner(node), Operator = byOperator }, problem is null ? new ReturnedResult(signed, output) : null, problem));
    }
}
