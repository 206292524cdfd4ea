using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace PiGrid;

/// <summary>A credential that the grid issued; the secret itself is stored nowhere, its hash only.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.TokenId")]
[JsonConverter(typeof(TextIdJsonConverter<TokenId>))]
public readonly record struct TokenId : ITextId<TokenId>
{
    private const string Prefix = "t_";

    [Id(0)]
    private readonly string? _value;

    private TokenId(string value) => _value = value;

    /// <inheritdoc/>
    public string Value => _value ?? "";

    /// <summary>The id whose text carries these 16 bytes.</summary>
    /// <exception cref="ArgumentException">Not 16 bytes.</exception>
    public static TokenId FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == 16
        ? new(Prefix + IdText.Base32(bytes))
        : throw new ArgumentException($"An id has 16 bytes, not {bytes.Length}.", nameof(bytes));

    /// <inheritdoc/>
    public static TokenId Parse(string s, IFormatProvider? provider = null) => TryParse(s, provider, out var id)
        ? id
        : throw IdText.Malformed(s, "token id", "'" + Prefix + "' and 26 lower-case base-32 characters");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out TokenId result)
    {
        var ok = IdText.IsPrefixed(s, Prefix);
        result = ok ? new(s!) : default;
        return ok;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
