using PiGrid.Protocol;

namespace PiGrid.NodeAgent.Work;

/// <summary>What the node is ready for now.</summary>
internal readonly record struct Readiness
{
    /// <summary>Replicas of the order's kind that it can take: work that runs at once, or calls, which may wait for a slot.</summary>
    public required int FreeSlots { get; init; }

    /// <summary>Whether it finishes what it holds and takes nothing new.</summary>
    public required bool Draining { get; init; }

    /// <summary>Why preferences let no work in; null when they do.</summary>
    public required string? PausedReason { get; init; }

    /// <summary>The categories accepted; empty for all.</summary>
    public required IReadOnlyList<string> Categories { get; init; }

    /// <summary>Memory for one more worker in MiB.</summary>
    public required int MemoryMib { get; init; }

    /// <summary>Why the order's blobs do not fit the disk; null when they do.</summary>
    public required string? NoRoomReason { get; init; }

    /// <summary>Whether it is an operator node.</summary>
    public required bool Operator { get; init; }
}

/// <summary>Whether the node takes a genuine lease.</summary>
internal static class AdmissionRules
{
    /// <summary>Why it declines; null when it accepts.</summary>
    public static string? Decline(WorkOrder order, Readiness node) => order.Work switch
    {
        _ when node.Draining => "draining: the node finishes what it holds and takes nothing new",
        _ when node.PausedReason is { } reason => $"paused: {reason}",
        _ when node.FreeSlots <= 0 => "busy: the node has no free slot",
        { Kind: WorkKind.Validate } when !node.Operator => "not_operator: only an operator's node validates models",
        { Kind: WorkKind.Audit } when !node.Operator => "not_operator: only an operator's node audits others",
        { Kind: WorkKind.Run, Category: var category } when node.Categories.Count > 0 && !node.Categories.Contains(category, StringComparer.OrdinalIgnoreCase) =>
            $"category: the volunteer does not accept '{category}'",
        { Limits.MemoryMib: var needed } when needed > node.MemoryMib =>
            $"memory: the model may take {needed} MiB, and the volunteer lends {node.MemoryMib} MiB",
        _ when node.NoRoomReason is { } reason => $"disk: {reason}",
        _ => null,
    };
}
