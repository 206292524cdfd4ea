using System.Collections.Concurrent;
using System.Security.Cryptography;
using PiGrid.Grains.Storage;

namespace PiGrid.Grains.Security;

/// <summary>The grid's P-256 key from a file that its owner alone can read. Everything secret is derived from it, so one file is what a backup needs.</summary>
public sealed class GridSigner : IGridSigner, IDisposable
{
    private static readonly byte[] MacPurpose = "pigrid-hmac/1"u8.ToArray();

    // An ECDsa is not promised to be thread-safe, and making one from its parameters costs more than a signature: so a pool.
    private readonly ConcurrentBag<ECDsa> _idle = [];
    private readonly ECParameters _parameters;
    private readonly byte[] _macKey;

    private GridSigner(ECDsa key)
    {
        _parameters = key.ExportParameters(includePrivateParameters: true);
        PublicKey = key.ExportSubjectPublicKeyInfo();
        _macKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, _parameters.D!, 32, info: MacPurpose);
        _idle.Add(key);
    }

    /// <inheritdoc/>
    public byte[] PublicKey { get; }

    /// <summary>Reads the key (PKCS#8, PEM), or makes one when there is no file.</summary>
    /// <exception cref="StorageException">The file cannot be read or written, or holds no P-256 key.</exception>
    public static GridSigner Open(string file)
    {
        var key = ECDsa.Create();
        try
        {
            if (!File.Exists(file))
            {
                key.GenerateKey(ECCurve.NamedCurves.nistP256);
                SecretFile.WriteNew(file, key.ExportPkcs8PrivateKeyPem());
            }

            // Also right after it was made: another silo of the grid may have been faster.
            key.ImportFromPem(File.ReadAllText(file));
            return key.KeySize == 256 ? new GridSigner(key) : throw new CryptographicException($"a key of {key.KeySize} bits");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new StorageException(
                $"{file} does not hold a P-256 private key ({e.Message}): restore it from a backup. Without it nodes take this for another grid and refuse it.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            key.Dispose();
            throw new StorageException($"{file} cannot be read or written: check its permissions.", e);
        }
    }

    /// <inheritdoc/>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        var key = Take();
        try
        {
            return Signatures.Sign(key, data);
        }
        finally
        {
            _idle.Add(key);
        }
    }

    /// <inheritdoc/>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        var key = Take();
        try
        {
            return signature.Length == Signatures.Length
                && key.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        finally
        {
            _idle.Add(key);
        }
    }

    /// <inheritdoc/>
    public byte[] Mac(ReadOnlySpan<byte> data) => HMACSHA256.HashData(_macKey, data);

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_idle.TryTake(out var key))
        {
            key.Dispose();
        }
    }

    private ECDsa Take() => _idle.TryTake(out var key) ? key : ECDsa.Create(_parameters);
}
