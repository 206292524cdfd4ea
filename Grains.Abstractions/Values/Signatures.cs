using System.Security.Cryptography;

namespace PiGrid;

/// <summary>
/// A public key of a node or a grid and its checks: ECDSA over NIST P-256 with SHA-256 (FIPS 186-5), public keys as DER
/// SubjectPublicKeyInfo, signatures as the 64 bytes r || s (IEEE P1363).
/// </summary>
public static class Signatures
{
    /// <summary>The length of a signature in bytes.</summary>
    public const int Length = 64;

    /// <summary>The longest public key accepted, in bytes; a P-256 key has 91.</summary>
    public const int PublicKeyMax = 128;

    /// <summary>Whether <paramref name="signature"/> is that key's over <paramref name="data"/>. A malformed key or signature is simply not valid.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        using var key = new VerifyingKey(publicKey);
        return key.Verify(data, signature);
    }

    /// <summary>Signs <paramref name="data"/> with a P-256 key.</summary>
    public static byte[] Sign(ECDsa key, ReadOnlySpan<byte> data)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <summary>The id of the node that holds this public key.</summary>
    public static NodeId NodeIdOf(ReadOnlySpan<byte> publicKey) => NodeId.FromBytes(Sha256.Of(publicKey).ToArray().AsSpan(0, 16));
}
