using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace PiGrid.Grains.Security;

/// <summary>
/// A node's right to read the blobs of one assignment and to upload its output. It travels as a token that carries the grant and its HMAC, so
/// that any silo can check it without asking the node's grain; knowing a digest alone opens nothing.
/// </summary>
public sealed record BlobGrant
{
    // 96 bits of each digest: short enough for a header with hundreds of inputs, and far too long to find a second preimage of.
    private const int PrefixLength = 24;

    /// <summary>The node.</summary>
    public required NodeId Node { get; init; }

    /// <summary>The lease.</summary>
    public required LeaseId Lease { get; init; }

    /// <summary>When it ends.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The first 24 hexadecimal characters of each digest that may be read.</summary>
    public required IReadOnlyList<string> Prefixes { get; init; }

    /// <summary>A grant for these blobs.</summary>
    public static BlobGrant For(NodeId node, LeaseId lease, DateTimeOffset expiresAt, IEnumerable<Sha256> blobs) => new()
    {
        Node = node,
        Lease = lease,
        ExpiresAt = expiresAt,
        Prefixes = blobs.Select(b => b.Value[..PrefixLength]).Distinct().ToArray(),
    };

    /// <summary>Whether the grant names this blob.</summary>
    public bool Names(Sha256 blob) => Prefixes.Contains(blob.Value[..PrefixLength]);

    /// <summary>The token: base64url of the grant's JSON, '.', base64url of its HMAC.</summary>
    public string ToToken(IGridSigner signer)
    {
        ArgumentNullException.ThrowIfNull(signer);
        var json = JsonSerializer.SerializeToUtf8Bytes(this, GridJson.Wire);
        return $"{Base64Url.EncodeToString(json)}.{Base64Url.EncodeToString(signer.Mac(json))}";
    }

    /// <summary>Reads a token; null when it is malformed, not this grid's, or over.</summary>
    public static BlobGrant? TryRead(string token, IGridSigner signer, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(token);
        ArgumentNullException.ThrowIfNull(signer);
        try
        {
            var parts = token.Split('.');
            if (parts.Length != 2)
            {
                return null;
            }

            var json = Base64Url.DecodeFromChars(parts[0]);
            if (!CryptographicOperations.FixedTimeEquals(signer.Mac(json), Base64Url.DecodeFromChars(parts[1])))
            {
                return null;
            }

            var grant = JsonSerializer.Deserialize<BlobGrant>(json, GridJson.Wire);
            return grant?.ExpiresAt >= now ? grant : null;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }
}
