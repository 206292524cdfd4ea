using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace PiGrid;

/// <summary>A submission; 128 random bits.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.JobId")]
[JsonConverter(typeof(TextIdJsonConverter<JobId>))]
public readonly record struct JobId : ITextId<JobId>
{
    private const string Prefix = "j_";

    [Id(0)]
    private readonly string? _value;

    private JobId(string value) => _value = value;

    /// <inheritdoc/>
    public string Value => _value ?? "";

    /// <summary>The id whose text carries these 16 bytes.</summary>
    /// <exception cref="ArgumentException">Not 16 bytes.</exception>
    public static JobId FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == 16
        ? new(Prefix + IdText.Base32(bytes))
        : throw new ArgumentException($"An id has 16 bytes, not {bytes.Length}.", nameof(bytes));

    /// <inheritdoc/>
    public static JobId Parse(string s, IFormatProvider? provider = null) => TryParse(s, provider, out var id)
        ? id
        : throw IdText.Malformed(s, "job id", "'" + Prefix + "' and 26 lower-case base-32 characters");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out JobId result)
    {
        var ok = IdText.IsPrefixed(s, Prefix);
        result = ok ? new(s!) : default;
        return ok;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
