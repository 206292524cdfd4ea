namespace PiGrid;

/// <summary>
/// Counts the jobs that are open, in all and by requester, so that the grid takes in no more than it can hold. Soft state, counted anew from the
/// registry when it starts. There is one: <see cref="Key"/>.
/// </summary>
[Alias("PiGrid.IAdmissionGrain")]
public interface IAdmissionGrain : IGrainWithStringKey
{
    /// <summary>The key of the only one.</summary>
    const string Key = "grid";

    /// <summary>From a job that is about to be accepted: counts it, or says when to try again. Idempotent.</summary>
    [Alias("Enter")]
    Task<JobEntry> Enter(JobId job, string requester);

    /// <summary>From a job that is over, or was not accepted after all. Idempotent.</summary>
    [Alias("Leave")]
    Task Leave(JobId job);
}

/// <summary>Whether a job may come in.</summary>
/// <param name="Refused">Why not; null when it may.</param>
/// <param name="RetryAfter">When to try again; null when it may.</param>
[GenerateSerializer, Immutable, Alias("PiGrid.JobEntry")]
public sealed record JobEntry([property: Id(0)] string? Refused, [property: Id(1)] TimeSpan? RetryAfter);
