namespace PiGrid.NodeAgent;

/// <summary>A reason to end the agent: says what is wrong and what to do, and carries the exit code.</summary>
/// <param name="code">The exit code.</param>
/// <param name="message">What is wrong, where, and what to do.</param>
internal sealed class AgentException(ExitCode code, string message) : Exception(message)
{
    /// <summary>The exit code.</summary>
    public ExitCode Code { get; } = code;
}
