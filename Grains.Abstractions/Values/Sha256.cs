using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace PiGrid;

/// <summary>A SHA-256 digest (FIPS 180-4): 32 bytes, written as 64 lower-case hexadecimal characters. It names a blob.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.Sha256")]
[JsonConverter(typeof(TextIdJsonConverter<Sha256>))]
public readonly record struct Sha256 : ITextId<Sha256>
{
    /// <summary>The length of a digest in bytes.</summary>
    public const int Length = 32;

    [Id(0)]
    private readonly ulong _a;

    [Id(1)]
    private readonly ulong _b;

    [Id(2)]
    private readonly ulong _c;

    [Id(3)]
    private readonly ulong _d;

    /// <summary>The digest with these 32 bytes.</summary>
    /// <exception cref="ArgumentException">Not 32 bytes.</exception>
    public Sha256(ReadOnlySpan<byte> digest)
    {
        if (digest.Length != Length)
        {
            throw new ArgumentException($"A SHA-256 digest has {Length} bytes, not {digest.Length}.", nameof(digest));
        }

        _a = BinaryPrimitives.ReadUInt64BigEndian(digest);
        _b = BinaryPrimitives.ReadUInt64BigEndian(digest[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(digest[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(digest[24..]);
    }

    /// <inheritdoc/>
    public string Value => Convert.ToHexStringLower(ToArray());

    /// <summary>The digest of <paramref name="data"/>.</summary>
    public static Sha256 Of(ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[Length];
        SHA256.HashData(data, digest);
        return new(digest);
    }

    /// <summary>The digest's 32 bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _a);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), _b);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(16), _c);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(24), _d);
        return bytes;
    }

    /// <inheritdoc/>
    public static Sha256 Parse(string s, IFormatProvider? provider = null) => TryParse(s, provider, out var digest)
        ? digest
        : throw IdText.Malformed(s, "SHA-256 digest", "64 hexadecimal characters");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Sha256 result)
    {
        result = default;
        Span<byte> bytes = stackalloc byte[Length];
        if (s is not { Length: Length * 2 }
            || Convert.FromHexString(s, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        result = new(bytes);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
