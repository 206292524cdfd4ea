using PiGrid.Protocol;

namespace PiGrid.NodeAgent.Work;

/// <summary>A result that waits for its verdict, as it lies on disk; the output lies beside it.</summary>
internal sealed record StoredResult
{
    /// <summary>The lease.</summary>
    public required SignedLease Lease { get; init; }

    /// <summary>What the node vouches for.</summary>
    public required ResultStatement Statement { get; init; }

    /// <summary>The node's signature over it.</summary>
    public required byte[] Signature { get; init; }

    /// <summary>The right to upload the output.</summary>
    public required string Grant { get; init; }

    /// <summary>The output's length in bytes.</summary>
    public required long OutputSize { get; init; }

    /// <summary>When nobody waits for it any more, by this machine's clock.</summary>
    public required DateTimeOffset KeepUntil { get; init; }
}
