namespace PiGrid.Silo.Dashboard;

/// <summary>Answer to <c>GET /api/overview</c>, and what its stream sends: the grid at a glance.</summary>
internal sealed record Overview
{
    /// <summary>When it was gathered.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>PiGrid's version.</summary>
    public required string Version { get; init; }

    /// <summary>The engine that the silo was built with.</summary>
    public required string Engine { get; init; }

    /// <summary>When the silo started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Why the silo does not serve now; absent when it does.</summary>
    public string? Problem { get; init; }

    /// <summary>Nodes that are enrolled.</summary>
    public required int Enrolled { get; init; }

    /// <summary>The nodes that connected since the dispatcher started.</summary>
    public required NodeCensus Nodes { get; init; }

    /// <summary>What waits to be placed.</summary>
    public required QueueView Queue { get; init; }

    /// <summary>Accepted shards of jobs, on this silo.</summary>
    public required PaceView Shards { get; init; }

    /// <summary>Answered online calls, on this silo.</summary>
    public required PaceView Calls { get; init; }

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
internal sealed record QueueView
{
    /// <summary>Replicas that wait.</summary>
    public required int Waiting { get; init; }

    /// <summary>Nodes with free slots.</summary>
    public required int FreeNodes { get; init; }

    /// <summary>How long the oldest has waited; absent when nothing waits.</summary>
    public double? OldestMs { get; init; }

    /// <summary>Why the oldest waits.</summary>
    public string? Reason { get; init; }
}
