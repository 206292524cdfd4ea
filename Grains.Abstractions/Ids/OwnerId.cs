using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace PiGrid;

/// <summary>The person or organisation that answers for one or more nodes; two replicas of a shard never go to one owner.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.OwnerId")]
[JsonConverter(typeof(TextIdJsonConverter<OwnerId>))]
public readonly record struct OwnerId : ITextId<OwnerId>
{
    private const string Prefix = "o_";

    [Id(0)]
    private readonly string? _value;

    private OwnerId(string value) => _value = value;

    /// <inheritdoc/>
    public string Value => _value ?? "";

    /// <summary>The id whose text carries these 16 bytes.</summary>
    /// <exception cref="ArgumentException">Not 16 bytes.</exception>
    public static OwnerId FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == 16
        ? new(Prefix + IdText.Base32(bytes))
        : throw new ArgumentException($"An id has 16 bytes, not {bytes.Length}.", nameof(bytes));

    /// <inheritdoc/>
    public static OwnerId Parse(string s, IFormatProvider? provider = null) => TryParse(s, provider, out var id)
        ? id
        : throw IdText.Malformed(s, "owner id", "'" + Prefix + "' and 26 lower-case base-32 characters");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out OwnerId result)
    {
        var ok = IdText.IsPrefixed(s, Prefix);
        result = ok ? new(s!) : default;
        return ok;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
