namespace PiGrid.NodeAgent.Session;

/// <summary>How a session ended.</summary>
internal enum SessionEndKind
{
    /// <summary>Never welcomed, or lost: connect again after a wait.</summary>
    Lost,

    /// <summary>To be opened anew at once, because the node's profile changed or the machine slept.</summary>
    Again,

    /// <summary>The grid does not know the node: enrol again.</summary>
    NotEnrolled,

    /// <summary>The node said goodbye.</summary>
    Goodbye,
}

/// <summary>How a session ended.</summary>
/// <param name="Kind">How.</param>
/// <param name="Reason">Why, for the log.</param>
/// <param name="WasOpen">Whether the grid had welcomed the node.</param>
internal sealed record SessionEnd(SessionEndKind Kind, string Reason, bool WasOpen);
