namespace PiGrid.Tests.Scenarios.Faults;

/// <summary>The faults that are injected.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL to the silo, and a new one on the same folder.</summary>
    KillSilo,

    /// <summary>SIGKILL to an agent, and a new one on the same folder.</summary>
    KillAgent,

    /// <summary>SIGSTOP to the silo, and later SIGCONT.</summary>
    FreezeSilo,

    /// <summary>SIGSTOP to an agent, and later SIGCONT.</summary>
    FreezeAgent,

    /// <summary>All connections of an agent or the requester are ended, with an end of the stream or a reset.</summary>
    Cut,

    /// <summary>Connections stay open and nothing passes, in one direction or both; then all of it does, or they are cut.</summary>
    HalfOpen,

    /// <summary>Bytes arrive late, or through a narrow line.</summary>
    Delay,

    /// <summary>Every message arrives twice.</summary>
    Duplicate,

    /// <summary>The silo's writes fail as on a full disk.</summary>
    DiskFull,
}

/// <summary>A fault that was injected.</summary>
/// <param name="Kind">What.</param>
/// <param name="Victim">To whom.</param>
/// <param name="Moment">The step of a job that it waited for and hit; <c>any</c> when it came whenever it did.</param>
/// <param name="HeldMs">How long it lasted, in milliseconds.</param>
internal sealed record Fault(FaultKind Kind, string Victim, string Moment, long HeldMs);
