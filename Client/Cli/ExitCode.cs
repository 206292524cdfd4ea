namespace PiGrid.Client.Cli;

/// <summary>What the <c>pigrid</c> command exits with; the README documents it for scripts.</summary>
internal static class ExitCode
{
    /// <summary>It worked.</summary>
    public const int Ok = 0;

    /// <summary>It was understood and tried, and failed: a job failed, a demo did not hold what it promises, a file could not be written.</summary>
    public const int Failed = 1;

    /// <summary>The command line or an input named by it is invalid; nothing was sent.</summary>
    public const int Usage = 2;

    /// <summary>The grid refused: no permission, no such thing, or an invalid field.</summary>
    public const int Refused = 3;

    /// <summary>No grid answered.</summary>
    public const int Unreachable = 4;

    /// <summary>Cancelled by Ctrl-C or SIGTERM.</summary>
    public const int Cancelled = 130;
}
