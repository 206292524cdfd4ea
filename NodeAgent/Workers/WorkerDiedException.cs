namespace PiGrid.NodeAgent.Workers;

/// <summary>How a worker's life ended.</summary>
internal enum WorkerEnd
{
    /// <summary>It crashed, or broke its protocol.</summary>
    Crashed,

    /// <summary>It was ended for taking too long.</summary>
    TookTooLong,

    /// <summary>It was ended for taking too much memory.</summary>
    TookTooMuchMemory,

    /// <summary>It was ended because nobody wants its answer.</summary>
    Cancelled,
}

/// <summary>A worker process is gone.</summary>
/// <param name="end">How it ended.</param>
/// <param name="message">What happened.</param>
internal sealed class WorkerDiedException(WorkerEnd end, string message) : Exception(message)
{
    /// <summary>How it ended.</summary>
    public WorkerEnd End { get; } = end;
}
