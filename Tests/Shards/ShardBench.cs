using PiGrid.Grains.Jobs;
using PiGrid.Grains.Shards;
using PiGrid.Grains.Shards.Segments;
using PiGrid.Models;
using PiGrid.Protocol;
using PiGrid.Tests.Verification;
using PiGrid.Verification;

namespace PiGrid.Tests.Shards;

/// <summary>A shard under test: its state, everything its rules commanded, and a clock that the test moves.</summary>
internal sealed class ShardBench
{
    private int _fresh;

    public ShardBench(VerificationPolicy? policy = null, JobOptions? options = null, Func<ShardSpec, ShardSpec>? change = null)
    {
        Options = options ?? new JobOptions();
        Spec = new ShardSpec
        {
            Id = new ShardId(JobId.FromBytes(Bytes(1)), 0),
            Inputs = [new ShardInput { Index = 0, Blob = new BlobRef(Sha256.Of([1]), 1) }],
            Work = new WorkTemplate
            {
                Kind = WorkKind.Run,
                Model = new ModelRef("m", "1"),
                Manifest = new BlobRef(Sha256.Of([2]), 1),
                Category = "vision",
                Limits = new ManifestLimits(),
            },
            Policy = policy ?? VerificationPolicy.Quorum(2),
            Comparator = new Comparator { Kind = ComparatorKind.Tensors },
        };
        Spec = change?.Invoke(Spec) ?? Spec;
    }

    public JobOptions Options { get; }

    public SegmentCheckOptions Segments { get; init; } = new();

    public ShardSpec Spec { get; }

    public ShardState State { get; private set; } = ShardState.New;

    public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public List<ShardCommand> Commands { get; } = [];

    public IEnumerable<ReplicaRequest> Wants => Commands.OfType<ShardCommand.Want>().Select(w => w.Request);

    public static NodeId Node(int n) => NodeId.FromBytes(Bytes(n));

    public static OwnerId Owner(int n) => OwnerId.FromBytes(Bytes(n));

    public static LeaseId Lease(int n) => LeaseId.FromBytes(Bytes(n));

    /// <summary>Applies an event and returns the commands of this step.</summary>
    public IReadOnlyList<ShardCommand> Apply(ShardEvent happened)
    {
        var step = ShardRules.Apply(State, happened, Now, new Guid(++_fresh, 0, 0, new byte[8]), Options, Segments);
        State = step.State;
        Commands.AddRange(step.Commands);
        return step.Commands;
    }

    public IReadOnlyList<ShardCommand> Open() => Apply(new ShardEvent.Opened(Spec));

    /// <summary>A node's grain reports on a lease; node, owner and lease share a number unless said otherwise.</summary>
    public IReadOnlyList<ShardCommand> Change(int lease, ReplicaState state, Guid? request = null, int? owner = null, TimeSpan? length = null, ReplicaPace? pace = null, bool byOperator = false, string hardwareClass = "x64", string region = "unknown") =>
        Apply(new ShardEvent.ReplicaChanged(new ReplicaChange
        {
            Request = request ?? Guid.Empty,
            Lease = Lease(lease),
            Node = Node(lease),
            Owner = Owner(owner ?? lease),
            HardwareClass = hardwareClass,
            Operator = byOperator,
            Region = region,
            State = state,
            Deadline = Now + (length ?? TimeSpan.FromMinutes(10)),
            At = Now,
            Reason = state.ToString(),
            Pace = pace,
        }));

    /// <summary>A node returns a result whose only number is <paramref name="answer"/>.</summary>
    public IReadOnlyList<ShardCommand> Return(int lease, float answer, int? owner = null, string? problem = null, bool byOperator = false, int passed = 0)
    {
        var output = Samples.Output(Samples.Floats(answer));
        var signed = new SignedResult
        {
            Lease = new SignedLease(
                new Lease
                {
                    Id = Lease(lease),
                    Request = Guid.Empty,
                    Shard = Spec.Id,
                    Node = Node(lease),
                    Work = Sha256.Of([3]),
                    IssuedAt = Now,
                    Deadline = Now + TimeSpan.FromMinutes(10),
                },
                []),
            Statement = new ResultStatement
            {
                Type = ResultStatement.TypeV1,
                Lease = Lease(lease),
                Manifest = Spec.Work.Manifest.Sha256,
                Inputs = [Spec.Inputs[0].Blob.Sha256],
                Output = Sha256.Of(output.ToCanonicalBytes()),
                Provider = "cpu",
                Library = "onnxruntime",
                HardwareClass = "x64",
                TotalMs = 1,
                ModelMs = 1,
            },
            Signature = [],
            OutputSize = 1,
        };
        Now += TimeSpan.FromMilliseconds(1);
        return Apply(new ShardEvent.ResultArrived(
            signed, new ReplicaSender { Owner = Owner(owner ?? lease), Operator = byOperator, Passed = passed }, problem is null ? new ReturnedResult(signed, output) : null, problem));
    }

    /// <summary>Forgets everything but the shard's end and the leases that agreed with its result.</summary>
    public void Restart(params int[] agreed) => State = ShardRules.Restore(
        Spec,
        new ShardOutcome { Index = 0, Accepted = true, InputsFailed = 0, Replicas = State.Issued, At = Now },
        State.Canonical,
        State.CanonicalDigest,
        agreed.Select(Lease),
        []);

    public IReadOnlyList<ShardCommand> Pass(TimeSpan time)
    {
        Now += time;
        return Apply(new ShardEvent.TimePassed());
    }

    private static byte[] Bytes(int n)
    {
        var bytes = new byte[16];
        BitConverter.TryWriteBytes(bytes, n);
        return bytes;
    }
}
