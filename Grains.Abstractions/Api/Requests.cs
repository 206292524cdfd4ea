namespace PiGrid.Api;

/// <summary>Body of <c>POST /api/tokens</c>.</summary>
public sealed record CreateTokenRequest
{
    /// <summary>What the credential is for.</summary>
    public required CredentialKind Kind { get; init; }

    /// <summary>A name for people; at most 100 characters.</summary>
    public required string Name { get; init; }

    /// <summary>When it ends; never when absent.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>For a developer's key: what it may do; everything but <c>operate</c> when empty.</summary>
    public IReadOnlyList<KeyScope> Scopes { get; init; } = [];

    /// <summary>For an API key: requests a second, on average; above 0, at most 100,000. The silo's own limit when absent.</summary>
    public double? RequestsPerSecond { get; init; }

    /// <summary>For an API key: requests that may be open at once, 1 to 100,000. The silo's own limit when absent.</summary>
    public int? ConcurrentRequests { get; init; }
}

/// <summary>Body of <c>POST /api/tokens/{id}/rotate</c>.</summary>
public sealed record RotateTokenRequest
{
    /// <summary>How long the secrets until now are still good, 0 to 30 days in seconds.</summary>
    public double GraceSeconds { get; init; } = 3600;
}

/// <summary>Answer to <c>POST /api/tokens</c> and <c>.../rotate</c>: the only time that the secret is shown.</summary>
/// <param name="Info">What is known of it.</param>
/// <param name="Secret">The secret itself.</param>
public sealed record CreateTokenResponse(CredentialInfo Info, string Secret);

/// <summary>Body of the routes that end or hold something: <c>POST .../cancel</c>, <c>.../ban</c>.</summary>
/// <param name="Reason">Why, for people; at most 500 characters.</param>
public sealed record ReasonRequest(string Reason);

/// <summary>Body of <c>POST /api/nodes/{id}/drain</c>.</summary>
/// <param name="Drain">Whether to take nothing new (true) or to take work again.</param>
public sealed record DrainRequest(bool Drain);

/// <summary>A page of a list, newest first.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Items">The page.</param>
/// <param name="Next">What to send as <c>after</c> for the next page; null at the end.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Body of <c>POST /api/jobs</c>: the job, and optionally the id that makes sending it again safe.</summary>
/// <param name="Id">The job's id, chosen by the caller (128 random bits); chosen by the silo when absent.</param>
/// <param name="Spec">The job.</param>
public sealed record SubmitJobRequest(JobId? Id, JobSpec Spec);

/// <summary>What the silo leaves in <c>bootstrap.json</c> of a new data folder, readable by its owner alone.</summary>
public sealed record Bootstrap
{
    /// <summary>The silo's own address.</summary>
    public required string Url { get; init; }

    /// <summary>An API key that does everything.</summary>
    public required string OperatorKey { get; init; }

    /// <summary>The token that enrols volunteers' nodes; absent when the option turned it off.</summary>
    public string? EnrolmentToken { get; init; }

    /// <summary>The token that enrols operator nodes.</summary>
    public required string OperatorNodeToken { get; init; }
}

/// <summary>Answer to <c>POST /api/jobs</c> and <c>GET /api/jobs/{id}</c> when <c>include=results</c> is asked for.</summary>
/// <param name="Job">Where the job stands.</param>
/// <param name="Results">All results in input order, once the job has ended and when they are few enough (<c>Api:IncludedResultsMax</c>); null before.</param>
public sealed record JobAnswer(JobStatus Job, IReadOnlyList<JobResult>? Results);
