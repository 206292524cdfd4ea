using System.Security.Cryptography;

namespace PiGrid.NodeAgent.Identity;

/// <summary>The node's key (ECDSA P-256), made on the first run and kept as a PKCS#8 file that only the volunteer can read. Thread-safe.</summary>
internal sealed class NodeKey : IDisposable
{
    private readonly ECDsa _key;
    private readonly Lock _gate = new();

    private NodeKey(ECDsa key)
    {
        _key = key;
        PublicKey = key.ExportSubjectPublicKeyInfo();
        Node = Signatures.NodeIdOf(PublicKey);
    }

    /// <summary>The public key (DER SubjectPublicKeyInfo).</summary>
    public byte[] PublicKey { get; }

    /// <summary>The node's id, which is made of the key.</summary>
    public NodeId Node { get; }

    /// <summary>Reads the key, or makes one when there is none.</summary>
    /// <exception cref="AgentException">The file is no such key.</exception>
    public static NodeKey LoadOrCreate(string path)
    {
        if (!File.Exists(path))
        {
            var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            AgentFolder.WritePrivate(path, made.ExportPkcs8PrivateKey());
            return new(made);
        }

        var key = ECDsa.Create();
        try
        {
            key.ImportPkcs8PrivateKey(File.ReadAllBytes(path), out _);
            return key.KeySize == 256 ? new(key) : throw new CryptographicException("it is not a P-256 key");
        }
        catch (CryptographicException e)
        {
            key.Dispose();
            throw new AgentException(
                ExitCode.FolderUnusable, $"The node's key '{path}' cannot be read: {e.Message}. Put back a copy, or remove it to become a new node, which starts without reputation.");
        }
    }

    /// <summary>Signs; 64 bytes, see <see cref="Signatures"/>.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            return Signatures.Sign(_key, data);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
