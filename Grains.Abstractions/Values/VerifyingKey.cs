using System.Security.Cryptography;

namespace PiGrid;

/// <summary>
/// A public key that is read once for many checks: reading it takes half as long as a check. As <see cref="Signatures.Verify"/> otherwise; checks wait for each other.
/// </summary>
public sealed class VerifyingKey : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ECDsa? _key;

    /// <summary>Reads a key (DER SubjectPublicKeyInfo); under a malformed one nothing is valid.</summary>
    public VerifyingKey(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length > Signatures.PublicKeyMax)
        {
            return;
        }

        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(publicKey, out _);
            _key = key.KeySize == 256 ? key : null;
        }
        catch (CryptographicException)
        {
            // Nothing is signed with what is no key.
        }
        finally
        {
            if (_key is null)
            {
                key.Dispose();
            }
        }
    }

    /// <summary>Whether <paramref name="signature"/> is the key's over <paramref name="data"/>.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (_key is null || signature.Length != Signatures.Length)
        {
            return false;
        }

        try
        {
            lock (_gate)
            {
                return _key.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            }
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _key?.Dispose();
}
