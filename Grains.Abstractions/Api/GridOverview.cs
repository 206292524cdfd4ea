namespace PiGrid.Api;

/// <summary>Answer to <c>GET /api/overview</c>, and what its stream sends: the grid at a glance, as its dashboard shows it.</summary>
public sealed record GridOverview
{
    /// <summary>When it was gathered.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>PiGrid's version.</summary>
    public required string Version { get; init; }

    /// <summary>The engine that the silo was built with.</summary>
    public required string Engine { get; init; }

    /// <summary>When the silo started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Why the silo does not serve now; null when it does.</summary>
    public string? Problem { get; init; }

    /// <summary>Nodes that are enrolled.</summary>
    public required int Enrolled { get; init; }

    /// <summary>The nodes that connected since the dispatcher started, by their kinds.</summary>
    public required NodeCensus Nodes { get; init; }

    /// <summary>What waits to be placed.</summary>
    public required GridQueue Queue { get; init; }

    /// <summary>Accepted shards of jobs, on the silo that is asked.</summary>
    public required GridPace Shards { get; init; }

    /// <summary>Answered online calls, on the silo that is asked.</summary>
    public required GridPace Calls { get; init; }

    /// <summary>Jobs that are open.</summary>
    public required int JobsOpen { get; init; }

    /// <summary>Jobs in all.</summary>
    public required int Jobs { get; init; }

    /// <summary>Model versions in all.</summary>
    public required int Models { get; init; }

    /// <summary>Incidents that are open.</summary>
    public required int IncidentsOpen { get; init; }
}

/// <summary>What waits to be placed.</summary>
public sealed record GridQueue
{
    /// <summary>Replicas that wait.</summary>
    public required int Waiting { get; init; }

    /// <summary>Nodes with free slots.</summary>
    public required int FreeNodes { get; init; }

    /// <summary>How long the oldest has waited, in milliseconds; null when nothing waits.</summary>
    public double? OldestMs { get; init; }

    /// <summary>Why the oldest waits.</summary>
    public string? Reason { get; init; }
}

/// <summary>How fast something goes.</summary>
public sealed record GridPace
{
    /// <summary>How many end in a second, over the last ten.</summary>
    public required double PerSecond { get; init; }

    /// <summary>How many ended in each of the last seconds, the newest last.</summary>
    public required IReadOnlyList<int> History { get; init; }

    /// <summary>The median of the last minute, in milliseconds; null when nothing ended.</summary>
    public double? P50Ms { get; init; }

    /// <summary>The 95th percentile of the last minute, in milliseconds.</summary>
    public double? P95Ms { get; init; }

    /// <summary>The 99th percentile of the last minute, in milliseconds.</summary>
    public double? P99Ms { get; init; }
}
