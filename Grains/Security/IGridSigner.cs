namespace PiGrid.Grains.Security;

/// <summary>The grid's key: signs leases and receipts (ECDSA P-256) and authenticates what only silos read (HMAC). Thread-safe.</summary>
public interface IGridSigner
{
    /// <summary>The public key (DER SubjectPublicKeyInfo).</summary>
    byte[] PublicKey { get; }

    /// <summary>Signs; 64 bytes, see <see cref="Signatures"/>.</summary>
    byte[] Sign(ReadOnlySpan<byte> data);

    /// <summary>Whether the signature is this grid's.</summary>
    bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);

    /// <summary>HMAC-SHA-256 under a key derived from the grid's; 32 bytes.</summary>
    byte[] Mac(ReadOnlySpan<byte> data);
}
