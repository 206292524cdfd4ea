using System.Collections.Immutable;
using PiGrid.Verification;

namespace PiGrid.Grains.Shards.Segments;

/// <summary>A spot check of one result by segments, while it is under way: first its node opens them, then an operator node looks at what it opened.</summary>
internal sealed record SegmentCheck
{
    /// <summary>The lease of the result.</summary>
    public required LeaseId Target { get; init; }

    /// <summary>Who returned it.</summary>
    public required NodeId Node { get; init; }

    /// <summary>Who answers for that node.</summary>
    public required OwnerId Owner { get; init; }

    /// <summary>What was drawn.</summary>
    public required SegmentDraw Draw { get; init; }

    /// <summary>Whether it is an operator node's turn; before that, it is the turn of the node itself.</summary>
    public bool IsOpened { get; init; }

    /// <summary>The request that is out.</summary>
    public required Guid Request { get; init; }

    /// <summary>When it is no longer waited for.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Who has it, under which lease; null before it is given.</summary>
    public (NodeId Node, LeaseId Lease)? Given { get; init; }
}

/// <summary>What a check looks at.</summary>
/// <param name="Inputs">Places in the shard of the inputs, ascending.</param>
/// <param name="Challenges">The segments of each of them.</param>
/// <param name="Share">The chance with which a lie in one segment of one input's run is seen, 0 to 1.</param>
internal sealed record SegmentDraw(ImmutableArray<int> Inputs, ImmutableArray<SegmentChallenge> Challenges, double Share);
