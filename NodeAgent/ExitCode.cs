namespace PiGrid.NodeAgent;

/// <summary>What the program's exit code says; docs/volunteers.md documents it.</summary>
internal enum ExitCode
{
    /// <summary>Ended as asked, after finishing what it held.</summary>
    Done = 0,

    /// <summary>An unexpected failure; the log has it.</summary>
    Failed = 1,

    /// <summary>The command line or the preferences are wrong.</summary>
    BadUsage = 2,

    /// <summary>The grid refuses this node: a wrong token, no common protocol version, another signature.</summary>
    Refused = 3,

    /// <summary>Another grid answers at the address than the one that this node enrolled with.</summary>
    OtherGrid = 4,

    /// <summary>Another agent uses the data folder, or the folder cannot be used.</summary>
    FolderUnusable = 5,

    /// <summary>A second Ctrl-C ended it at once.</summary>
    Interrupted = 130,
}
