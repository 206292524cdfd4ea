using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;

namespace PiGrid;

/// <summary>How a job's results are checked: <c>none</c> (one replica) or <c>quorum(k)</c> (k agreeing results from distinct owners, k from 2 to 7).</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.VerificationPolicy")]
[JsonConverter(typeof(TextIdJsonConverter<VerificationPolicy>))]
public readonly record struct VerificationPolicy : ITextId<VerificationPolicy>
{
    /// <summary>The largest quorum.</summary>
    public const int QuorumMax = 7;

    // Not named as a property: Orleans' generator takes a record's first constructor for its primary one.
    private VerificationPolicy(int k) => Extra = k - 1;

    /// <summary>One replica is accepted as it is.</summary>
    public static VerificationPolicy None => default;

    /// <summary>How many agreeing results from distinct owners a shard needs; 1 for <see cref="None"/>.</summary>
    public int Agreeing => Extra + 1;

    // How many beyond the one that every policy needs, so that the default value is None.
    [Id(0)]
    private int Extra { get; init; }

    /// <inheritdoc/>
    public string Value => Agreeing == 1 ? "none" : string.Create(CultureInfo.InvariantCulture, $"quorum({Agreeing})");

    /// <summary>k agreeing results from distinct owners.</summary>
    /// <exception cref="ArgumentOutOfRangeException">k is not 2 to <see cref="QuorumMax"/>.</exception>
    public static VerificationPolicy Quorum(int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, QuorumMax);
        return new(k);
    }

    /// <inheritdoc/>
    public static VerificationPolicy Parse(string s, IFormatProvider? provider = null) => TryParse(s, provider, out var policy)
        ? policy
        : throw IdText.Malformed(s, "verification policy", "'none' or 'quorum(K)' with K from 2 to 7");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out VerificationPolicy result)
    {
        result = None;
        if (s == "none")
        {
            return true;
        }

        if (s is null
            || !s.StartsWith("quorum(", StringComparison.Ordinal)
            || !s.EndsWith(')')
            || !int.TryParse(s.AsSpan(7, s.Length - 8), NumberStyles.None, CultureInfo.InvariantCulture, out var k)
            || k is < 2 or > QuorumMax)
        {
            return false;
        }

        result = new(k);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
