using PiGrid.Models;
using PiGrid.Protocol;

namespace PiGrid.Tests.Scheduling;

/// <summary>Requests and offers for tests, by small numbers instead of ids.</summary>
internal static class Wishes
{
    public static DateTimeOffset Start { get; } = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    public static NodeId Node(int number) => NodeId.FromBytes(Bytes(number));

    public static OwnerId Owner(int number) => OwnerId.FromBytes(Bytes(number));

    public static ShardId Shard(int number) => new(JobId.FromBytes(Bytes(1)), number);

    /// <summary>The only shard of an online call.</summary>
    public static ShardId CallShard(int number) => new(JobId.CallFromBytes(Bytes(number)), 0);

    public static Guid Request(int number) => new(Bytes(number));

    public static Sha256 Model(int number) => Sha256.Of(Bytes(number));

    /// <summary>What a node offers; its owner has its number unless another is given.</summary>
    public static NodeOffer Offer(
        int node, int free = 1, int? owner = null, long sequence = 1, int slots = 0, int memoryMib = 4096, double speed = 100,
        string[]? categories = null, string hardwareClass = "x64", bool isOperator = false, int? cached = null, bool available = true) => new()
    {
        Node = Node(node),
        Owner = Owner(owner ?? node),
        FreeSlots = free,
        Operator = isOperator,
        CachedModels = cached is { } model ? [Model(model)] : [],
        Sequence = sequence,
        Available = available,
        Profile = new NodeProfile
        {
            AgentVersion = "0.1.0",
            Os = "linux",
            Architecture = "x64",
            HardwareClass = hardwareClass,
            Cores = 4,
            MemoryMib = memoryMib,
            Slots = slots == 0 ? Math.Max(1, free) : slots,
            Providers = [],
            Library = "onnxruntime 1.30.0",
            Speed = speed,
            Categories = categories ?? [],
        },
    };

    /// <summary>One replica of a shard, asked for that many milliseconds after the start.</summary>
    public static ReplicaRequest Want(
        int request, int shard, int askedMs = 0, int[]? exceptOwners = null, int[]? exceptNodes = null, string? hardwareClass = null,
        int memoryMib = 2048, string category = "vision", WorkKind kind = WorkKind.Run, int model = 1, bool hedge = false, string requester = "",
        JobPriority priority = JobPriority.Normal, bool tail = false) => new()
    {
        Id = Request(request),
        Shard = Shard(shard),
        ExcludedOwners = (exceptOwners ?? []).Select(Owner).ToArray(),
        ExcludedNodes = (exceptNodes ?? []).Select(Node).ToArray(),
        HardwareClass = hardwareClass,
        Hedge = hedge,
        Tail = tail,
        Requester = requester,
        Priority = priority,
        AskedAt = Start.AddMilliseconds(askedMs),
        Order = new WorkOrder
        {
            Inputs = [],
            Work = new WorkTemplate
            {
                Kind = kind,
                Model = new ModelRef("street", "1"),
                Manifest = new BlobRef(Model(0), 1),
                ModelFile = new BlobRef(Model(model), 1),
                Category = category,
                Limits = new ManifestLimits { MemoryMib = memoryMib },
            },
        },
    };

    private static byte[] Bytes(int number) => [.. BitConverter.GetBytes(number), .. new byte[12]];
}
