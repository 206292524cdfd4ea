using PiGrid.Verification;

namespace PiGrid.Client.Demo;

/// <summary>What <c>demo --json</c> writes: one object, times in milliseconds. Fields may be added, none changes its meaning.</summary>
internal sealed record DemoReport
{
    /// <summary>The engine that the silo was built with.</summary>
    public required string Engine { get; init; }

    /// <summary>Volunteer nodes that were started.</summary>
    public required int Nodes { get; init; }

    /// <summary>From the submission's acceptance until the silo had the last living node's first accept.</summary>
    public required double? SlowestAckMs { get; init; }

    /// <summary>From the submission's acceptance until the last shard was accepted.</summary>
    public required double? SlowestVerifiedMs { get; init; }

    /// <summary>Accepted outputs that do not agree with a direct run of the model in this process.</summary>
    public required int WrongAccepted { get; init; }

    /// <summary>Shards submitted.</summary>
    public required int Shards { get; init; }

    /// <summary>Shards accepted.</summary>
    public required int ShardsAccepted { get; init; }

    /// <summary>Replicas issued for each accepted shard.</summary>
    public required double ResultsPerShard { get; init; }

    /// <summary>Nodes that forged.</summary>
    public required int Liars { get; init; }

    /// <summary>Nodes that were killed while they held a lease.</summary>
    public required int Killed { get; init; }

    /// <summary>The model version.</summary>
    public required ModelRef Model { get; init; }

    /// <summary>The policy.</summary>
    public required VerificationPolicy Policy { get; init; }

    /// <summary>The pictures, each once.</summary>
    public required IReadOnlyList<DemoPicture> Pictures { get; init; }

    /// <summary>What each volunteer did.</summary>
    public required IReadOnlyList<DemoNode> NodeTimes { get; init; }

    /// <summary>Everything that did not hold; empty when the demo succeeded.</summary>
    public required IReadOnlyList<string> Failures { get; init; }
}

/// <summary>A picture's accepted output.</summary>
internal sealed record DemoPicture
{
    /// <summary>The picture's file name.</summary>
    public required string File { get; init; }

    /// <summary>What was found, each label once, surest first.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Why the picture has no output; null when it has.</summary>
    public string? Error { get; init; }

    /// <summary>Where, in the picture's own pixels.</summary>
    public required IReadOnlyList<DemoDetection> Detections { get; init; }

    /// <summary>Replicas issued for its shard.</summary>
    public required int Replicas { get; init; }

    /// <summary>The owners whose results agreed.</summary>
    public required IReadOnlyList<string> Agreed { get; init; }

    /// <summary>The owners whose results contradicted the accepted one.</summary>
    public required IReadOnlyList<string> Disagreed { get; init; }

    /// <summary>The receipt's id; null when the shard was not accepted.</summary>
    public ReceiptId? Receipt { get; init; }

    /// <summary>Whether the receipt's signatures hold, checked offline.</summary>
    public required bool ReceiptVerified { get; init; }

    /// <summary>The annotated PNG.</summary>
    public string? Annotated { get; init; }
}

/// <summary>A detection as the demo writes it.</summary>
/// <param name="Label">The class's name.</param>
/// <param name="Score">0 to 1.</param>
/// <param name="Box">x0, y0, x1, y1 in pixels.</param>
internal sealed record DemoDetection(string Label, double Score, Box Box);

/// <summary>What a volunteer did.</summary>
/// <param name="Name">The owner.</param>
/// <param name="Node">The node.</param>
/// <param name="Role">honest, liar or casualty.</param>
/// <param name="AckMs">Its first acknowledgement.</param>
/// <param name="FirstResultMs">Its first result.</param>
/// <param name="Results">Its results.</param>
internal sealed record DemoNode(string Name, NodeId Node, VolunteerRole Role, double? AckMs, double? FirstResultMs, int Results);
