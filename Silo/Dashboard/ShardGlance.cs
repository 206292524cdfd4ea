using PiGrid.Verification;

namespace PiGrid.Silo.Dashboard;

/// <summary>A stretch of a job's shards.</summary>
internal sealed record ShardPage
{
    /// <summary>How many shards the job has.</summary>
    public required int Total { get; init; }

    /// <summary>Inputs in a shard.</summary>
    public required int ShardSize { get; init; }

    /// <summary>The index of the first.</summary>
    public required int From { get; init; }

    /// <summary>The shards, in order.</summary>
    public required IReadOnlyList<ShardGlance> Shards { get; init; }
}

/// <summary>A shard as a cell of the map.</summary>
internal sealed record ShardGlance
{
    /// <summary>The shard's index.</summary>
    public required int Index { get; init; }

    /// <summary>How far it is.</summary>
    public required ShardStage Stage { get; init; }

    /// <summary>Replicas issued.</summary>
    public int Issued { get; init; }

    /// <summary>Replicas that a node has now.</summary>
    public int Running { get; init; }

    /// <summary>Inputs that ended with an error.</summary>
    public int InputsFailed { get; init; }

    /// <summary>The time on the node in milliseconds, of an accepted one.</summary>
    public double? NodeMs { get; init; }

    /// <summary>The cell of a shard.</summary>
    public static ShardGlance Of(ShardView view) => new()
    {
        Index = view.Index,
        Stage = view.Stage,
        Issued = view.Issued,
        Running = view.Replicas.Count(r => r.State is ReplicaState.Assigned or ReplicaState.Accepted or ReplicaState.Suspected or ReplicaState.Disconnected),
        InputsFailed = view.InputsFailed,
        NodeMs = view.NodeMs,
    };

    /// <summary>The cell of one that was never opened; its job has ended when it does not run.</summary>
    public static ShardGlance Unreached(int index, bool running) => new() { Index = index, Stage = running ? ShardStage.Waiting : ShardStage.GivenUp };
}

/// <summary>One shard with all that is known of it.</summary>
internal sealed record ShardDetail
{
    /// <summary>How it stands, with its replicas.</summary>
    public required ShardView Shard { get; init; }

    /// <summary>The place of its first input in the job.</summary>
    public required int FirstInput { get; init; }

    /// <summary>Its inputs, in order.</summary>
    public required IReadOnlyList<JobInput> Inputs { get; init; }

    /// <summary>The outputs by input, tensors without their elements; absent while there is no result.</summary>
    public IReadOnlyList<ItemOutput>? Outputs { get; init; }

    /// <summary>What its receipt says; absent while there is none. Its own route has it with the signature.</summary>
    public ReceiptBody? Receipt { get; init; }
}
