namespace PiGrid.Silo.Hosting;

/// <summary>Why the silo cannot start: one line per error, for people, and an exit status, for programs.</summary>
internal sealed class StartFailedException(ExitCode code, IReadOnlyList<string> errors, Exception? cause = null)
    : Exception(string.Join(Environment.NewLine, errors), cause)
{
    /// <summary>The exit status.</summary>
    public ExitCode Code { get; } = code;

    /// <summary>What is wrong and what to do, one line each.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}
