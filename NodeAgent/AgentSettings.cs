using PiGrid.NodeAgent.Faults;

namespace PiGrid.NodeAgent;

/// <summary>What the command line says.</summary>
internal sealed record AgentSettings
{
    /// <summary>The grid's address.</summary>
    public required string Grid { get; init; }

    /// <summary>The data folder.</summary>
    public required string Data { get; init; }

    /// <summary>The enrolment token; not needed once the node is enrolled.</summary>
    public string? Token { get; init; }

    /// <summary>The owner's name.</summary>
    public string? Owner { get; init; }

    /// <summary>The preferences' file; in the data folder when absent.</summary>
    public string? Preferences { get; init; }

    /// <summary>Replicas at once; as many as processors when absent.</summary>
    public int? Slots { get; init; }

    /// <summary>Online calls beyond its slots that wait here for a free one; twice as many as slots when absent.</summary>
    public int? CallsAhead { get; init; }

    /// <summary>The longest time that a call's output waits for others to leave with it while calls wait for slots; 50 ms when absent, zero for none.</summary>
    public TimeSpan? CoalesceMax { get; init; }

    /// <summary>Where the machine is; as the preferences say when absent.</summary>
    public string? Region { get; init; }

    /// <summary>Whether plain HTTP to other machines is allowed.</summary>
    public bool Insecure { get; init; }

    /// <summary>The fault to play.</summary>
    public Fault Fault { get; init; }

    /// <summary>How worker processes are started; this very program when absent.</summary>
    public IReadOnlyList<string>? WorkerProgram { get; init; }
}
