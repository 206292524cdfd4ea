namespace PiGrid.NodeAgent.Faults;

/// <summary>Ways to behave badly on purpose, for tests and demonstrations against a grid on this machine alone.</summary>
internal enum Fault
{
    /// <summary>Behaves well.</summary>
    None,

    /// <summary>Returns wrong results of valid shape; all forgers tell the same lie.</summary>
    Forge,

    /// <summary>Dies in the middle of its first replica.</summary>
    Crash,

    /// <summary>Takes ten seconds longer for every input.</summary>
    Slow,

    /// <summary>Accepts work and never answers.</summary>
    Stall,
}
