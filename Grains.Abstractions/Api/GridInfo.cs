namespace PiGrid.Api;

/// <summary>Answer to <c>GET /api/grid</c>.</summary>
public sealed record GridInfo
{
    /// <summary>PiGrid's version.</summary>
    public required string Version { get; init; }

    /// <summary>The engine that the silo was built with: <c>Embedded</c> or <c>Orleans</c> with its version.</summary>
    public required string Engine { get; init; }

    /// <summary>The grid's public key (DER SubjectPublicKeyInfo).</summary>
    public required byte[] GridKey { get; init; }

    /// <summary>Nodes connected now to the silo that answers.</summary>
    public required int NodesOnline { get; init; }

    /// <summary>Nodes enrolled.</summary>
    public required int Nodes { get; init; }

    /// <summary>What waits to be placed.</summary>
    public required DispatcherBacklog Backlog { get; init; }
}
