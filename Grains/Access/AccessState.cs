namespace PiGrid.Grains.Access;

/// <summary>All credentials, by the digest of their secret.</summary>
public sealed class AccessState
{
    /// <summary>The credentials, in the order in which they were made.</summary>
    public List<Credential> Credentials { get; set; } = [];
}

/// <summary>A credential and the digest of its secret; the secret itself is nowhere.</summary>
/// <param name="Secret">The digest of the secret's UTF-8 bytes.</param>
/// <param name="Info">What is known of it.</param>
public sealed record Credential(Sha256 Secret, CredentialInfo Info);
