namespace PiGrid;

/// <summary>The grid's credentials: enrolment tokens and API keys. One grain, key <c>grid</c>. Secrets are known by their SHA-256 alone.</summary>
[Alias("PiGrid.IAccessGrain")]
public interface IAccessGrain : IGrainWithStringKey
{
    /// <summary>The one key.</summary>
    const string Key = "grid";

    /// <summary>Enters a credential; the caller made the secret and is the only one to have it.</summary>
    [Alias("Add")]
    Task Add(CredentialInfo info, Sha256 secret);

    /// <summary>What the secret gives; null when it is unknown, revoked or expired.</summary>
    [Alias("Check")]
    Task<CredentialInfo?> Check(Sha256 secret);

    /// <summary>
    /// Gives a credential a second secret, and lets the ones before end at <paramref name="until"/> at the latest; false when there is no such credential, or it is revoked
    /// or over.
    /// </summary>
    [Alias("Rotate")]
    Task<bool> Rotate(TokenId id, Sha256 secret, DateTimeOffset until);

    /// <summary>Revokes a credential with all its secrets; false when there is none of that id.</summary>
    [Alias("Revoke")]
    Task<bool> Revoke(TokenId id);

    /// <summary>All credentials, newest first.</summary>
    [Alias("List")]
    Task<IReadOnlyList<CredentialInfo>> List();
}

/// <summary>What is known of a credential.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.CredentialInfo")]
public sealed record CredentialInfo
{
    /// <summary>Its id.</summary>
    [Id(0)]
    public required TokenId Id { get; init; }

    /// <summary>What it is for.</summary>
    [Id(1)]
    public required CredentialKind Kind { get; init; }

    /// <summary>A name for people; at most 100 characters.</summary>
    [Id(2)]
    public required string Name { get; init; }

    /// <summary>When it was made.</summary>
    [Id(3)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ends; never when null.</summary>
    [Id(4)]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was revoked.</summary>
    [Id(5)]
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>What a developer's key may do; everything but <see cref="KeyScope.Operate"/> when empty.</summary>
    [Id(6)]
    public IReadOnlyList<KeyScope> Scopes { get; init; } = [];

    /// <summary>Requests a second that an API key may make, on average; the silo's <c>Api:RequestsPerSecond</c> when null.</summary>
    [Id(7)]
    public double? RequestsPerSecond { get; init; }

    /// <summary>Requests that an API key may have open at once; the silo's <c>Api:ConcurrentRequests</c> when null.</summary>
    [Id(8)]
    public int? ConcurrentRequests { get; init; }

    /// <summary>Whether it is an API key that may do this.</summary>
    public bool May(KeyScope scope) => Kind switch
    {
        CredentialKind.Operator => true,
        CredentialKind.Developer => Scopes.Count == 0 ? scope != KeyScope.Operate : Scopes.Contains(scope),
        CredentialKind.Enrolment or CredentialKind.OperatorNode => false,
    };
}

/// <summary>What a credential is for; none includes another except that an operator key does everything that a key can.</summary>
[GenerateSerializer, Alias("PiGrid.CredentialKind")]
public enum CredentialKind
{
    /// <summary>API key of the operator: everything.</summary>
    Operator,

    /// <summary>API key of a developer, with scopes.</summary>
    Developer,

    /// <summary>Enrols volunteers' nodes.</summary>
    Enrolment,

    /// <summary>Enrols operator nodes.</summary>
    OperatorNode,
}
