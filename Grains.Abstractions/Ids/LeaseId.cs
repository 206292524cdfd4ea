using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace PiGrid;

/// <summary>The right to run one replica until its deadline; 128 random bits, so that a lost counter can never fence wrongly.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.LeaseId")]
[JsonConverter(typeof(TextIdJsonConverter<LeaseId>))]
public readonly record struct LeaseId : ITextId<LeaseId>
{
    private const string Prefix = "l_";

    [Id(0)]
    private readonly string? _value;

    private LeaseId(string value) => _value = value;

    /// <inheritdoc/>
    public string Value => _value ?? "";

    /// <summary>The id whose text carries these 16 bytes.</summary>
    /// <exception cref="ArgumentException">Not 16 bytes.</exception>
    public static LeaseId FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == 16
        ? new(Prefix + IdText.Base32(bytes))
        : throw new ArgumentException($"An id has 16 bytes, not {bytes.Length}.", nameof(bytes));

    /// <inheritdoc/>
    public static LeaseId Parse(string s, IFormatProvider? provider = null) => TryParse(s, provider, out var id)
        ? id
        : throw IdText.Malformed(s, "lease id", "'" + Prefix + "' and 26 lower-case base-32 characters");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out LeaseId result)
    {
        var ok = IdText.IsPrefixed(s, Prefix);
        result = ok ? new(s!) : default;
        return ok;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
