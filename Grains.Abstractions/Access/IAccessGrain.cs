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

    /// <summary>Revokes a credential; false when there is none of that id.</summary>
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
}

/// <summary>What a credential is for; none includes another except that an operator key does everything that a key can.</summary>
[GenerateSerializer, Alias("PiGrid.CredentialKind")]
public enum CredentialKind
{
    /// <summary>API key of the operator: everything.</summary>
    Operator,

    /// <summary>API key of a developer: publish models, submit jobs, read the grid.</summary>
    Developer,

    /// <summary>Enrols volunteers' nodes.</summary>
    Enrolment,

    /// <summary>Enrols operator nodes.</summary>
    OperatorNode,
}
