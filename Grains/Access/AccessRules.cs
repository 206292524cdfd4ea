namespace PiGrid.Grains.Access;

/// <summary>Which secrets open what.</summary>
public static class AccessRules
{
    /// <summary>The credentials with one more; the same when the secret is known, so that adding again is harmless.</summary>
    public static IReadOnlyList<Credential> Add(IReadOnlyList<Credential> known, Credential credential)
    {
        ArgumentNullException.ThrowIfNull(credential);
        return known.Any(c => c.Secret == credential.Secret) ? known : [.. known, credential];
    }

    /// <summary>
    /// The credentials with another secret for one of them, whose secrets until now end at <paramref name="until"/> at the latest; the same when there is no such credential
    /// that is good now, or the secret is known.
    /// </summary>
    public static IReadOnlyList<Credential> Rotate(IReadOnlyList<Credential> known, TokenId id, Sha256 secret, DateTimeOffset until, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(known);
        if (known.LastOrDefault(c => c.Info.Id == id) is not { } newest || Check(newest.Info, now) is null || known.Any(c => c.Secret == secret))
        {
            return known;
        }

        return
        [
            .. known.Select(c => c.Info.Id == id && (c.Info.ExpiresAt is not { } end || until < end) ? c with { Info = c.Info with { ExpiresAt = until } } : c),
            newest with { Secret = secret },
        ];
    }

    /// <summary>The credentials with one revoked; the same when there is no such credential, or it was revoked before.</summary>
    public static IReadOnlyList<Credential> Revoke(IReadOnlyList<Credential> known, TokenId id, DateTimeOffset now) =>
        known.Any(c => c.Info.Id == id && c.Info.RevokedAt is null)
            ? [.. known.Select(c => c.Info.Id == id ? c with { Info = c.Info with { RevokedAt = now } } : c)]
            : known;

    /// <summary>What a credential gives now; null when it is revoked or over.</summary>
    public static CredentialInfo? Check(CredentialInfo? info, DateTimeOffset now) =>
        info is { RevokedAt: null } && (info.ExpiresAt is not { } end || now < end) ? info : null;
}
