using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace PiGrid;

/// <summary>A volunteer's node: <c>n_</c> and the first 16 bytes of the SHA-256 of its public key (SPKI), in base 32.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.NodeId")]
[JsonConverter(typeof(TextIdJsonConverter<NodeId>))]
public readonly record struct NodeId : ITextId<NodeId>
{
    private const string Prefix = "n_";

    [Id(0)]
    private readonly string? _value;

    private NodeId(string value) => _value = value;

    /// <inheritdoc/>
    public string Value => _value ?? "";

    /// <summary>The id whose text carries these 16 bytes.</summary>
    /// <exception cref="ArgumentException">Not 16 bytes.</exception>
    public static NodeId FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == 16
        ? new(Prefix + IdText.Base32(bytes))
        : throw new ArgumentException($"An id has 16 bytes, not {bytes.Length}.", nameof(bytes));

    /// <inheritdoc/>
    public static NodeId Parse(string s, IFormatProvider? provider = null) => TryParse(s, provider, out var id)
        ? id
        : throw IdText.Malformed(s, "node id", "'" + Prefix + "' and 26 lower-case base-32 characters");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out NodeId result)
    {
        var ok = IdText.IsPrefixed(s, Prefix);
        result = ok ? new(s!) : default;
        return ok;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
