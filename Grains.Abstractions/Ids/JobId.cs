using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace PiGrid;

/// <summary>A submission, or an online call (<see cref="IsCall"/>); 128 random bits.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.JobId")]
[JsonConverter(typeof(TextIdJsonConverter<JobId>))]
public readonly record struct JobId : ITextId<JobId>
{
    private const string Prefix = "j_";
    private const string CallPrefix = "c_";

    [Id(0)]
    private readonly string? _value;

    private JobId(string value) => _value = value;

    /// <inheritdoc/>
    public string Value => _value ?? "";

    /// <summary>Whether it names an online call, which has one shard and no job grain.</summary>
    public bool IsCall => Value.StartsWith(CallPrefix, StringComparison.Ordinal);

    /// <summary>The id whose text carries these 16 bytes.</summary>
    /// <exception cref="ArgumentException">Not 16 bytes.</exception>
    public static JobId FromBytes(ReadOnlySpan<byte> bytes) => From(Prefix, bytes);

    /// <summary>The online call's id whose text carries these 16 bytes.</summary>
    /// <exception cref="ArgumentException">Not 16 bytes.</exception>
    public static JobId CallFromBytes(ReadOnlySpan<byte> bytes) => From(CallPrefix, bytes);

    /// <inheritdoc/>
    public static JobId Parse(string s, IFormatProvider? provider = null) => TryParse(s, provider, out var id)
        ? id
        : throw IdText.Malformed(s, "job id", "'" + Prefix + "' or '" + CallPrefix + "' and 26 lower-case base-32 characters");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out JobId result)
    {
        var ok = IdText.IsPrefixed(s, Prefix) || IdText.IsPrefixed(s, CallPrefix);
        result = ok ? new(s!) : default;
        return ok;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static JobId From(string prefix, ReadOnlySpan<byte> bytes) => bytes.Length == 16
        ? new(prefix + IdText.Base32(bytes))
        : throw new ArgumentException($"An id has 16 bytes, not {bytes.Length}.", nameof(bytes));
}
