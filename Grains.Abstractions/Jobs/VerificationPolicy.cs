using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;

namespace PiGrid;

/// <summary>
/// How a job's results are checked: <c>none</c> (one replica), <c>adaptive</c> (as many as trust asks for, down to a share of wrong results),
/// <c>quorum(k)</c> (k agreeing results from distinct owners), <c>critical(k)</c> (these from distinct regions and hardware classes, and an operator
/// node's word); k from 2 to 7. Written as these words; <c>adaptive(0.001)</c> names the share.
/// </summary>
[GenerateSerializer, Immutable, Alias("PiGrid.VerificationPolicy")]
[JsonConverter(typeof(TextIdJsonConverter<VerificationPolicy>))]
public readonly record struct VerificationPolicy : ITextId<VerificationPolicy>
{
    /// <summary>The largest quorum.</summary>
    public const int QuorumMax = 7;

    /// <summary>The least share of wrong results that can be asked for.</summary>
    public const double EpsilonMin = 1e-6;

    /// <summary>The largest share of wrong results that can be asked for.</summary>
    public const double EpsilonMax = 0.5;

    /// <summary>What a policy may be, for messages that refuse another: texts and ranges.</summary>
    public const string Expected = "'none', 'adaptive', 'adaptive(SHARE)' with SHARE from 0.000001 to 0.5, 'quorum(K)' or 'critical(K)' with K from 2 to 7";

    // Not named as properties: Orleans' generator takes a record's first constructor for its primary one.
    private VerificationPolicy(PolicyKind kindOf, int k, int ppm)
    {
        Kind = kindOf;
        Extra = k - 1;
        Millionths = ppm;
    }

    /// <summary>One replica is accepted as it is.</summary>
    public static VerificationPolicy None => default;

    /// <summary>As many replicas as trust asks for; the grid's option says how many results may be wrong.</summary>
    public static VerificationPolicy Adaptive => new(PolicyKind.Adaptive, 1, 0);

    /// <summary>Which of the policies.</summary>
    [Id(1)]
    public PolicyKind Kind { get; private init; }

    /// <summary>How many agreeing results from distinct owners a shard needs at least; 1 for <see cref="None"/> and <see cref="Adaptive"/>.</summary>
    public int Agreeing => Extra + 1;

    /// <summary>The share of wrong results that an adaptive job may have; null for the grid's own (<c>Trust:Epsilon</c>), and for other policies.</summary>
    public double? Epsilon => Millionths > 0 ? Millionths / 1e6 : null;

    // How many beyond the one that every policy needs, so that the default value is None.
    [Id(0)]
    private int Extra { get; init; }

    [Id(2)]
    private int Millionths { get; init; }

    /// <inheritdoc/>
    public string Value => Kind switch
    {
        PolicyKind.None => "none",
        PolicyKind.Adaptive when Millionths > 0 => string.Create(CultureInfo.InvariantCulture, $"adaptive({Millionths / 1_000_000m:0.######})"),
        PolicyKind.Adaptive => "adaptive",
        PolicyKind.Quorum => string.Create(CultureInfo.InvariantCulture, $"quorum({Agreeing})"),
        PolicyKind.Critical => string.Create(CultureInfo.InvariantCulture, $"critical({Agreeing})"),
    };

    /// <summary>As many replicas as trust asks for, down to this share of wrong results.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The share is not <see cref="EpsilonMin"/> to <see cref="EpsilonMax"/>.</exception>
    public static VerificationPolicy AdaptiveTo(double epsilon)
    {
        if (epsilon is not (>= EpsilonMin and <= EpsilonMax))
        {
            throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, $"The share of wrong results must be {EpsilonMin} to {EpsilonMax}.");
        }

        return new(PolicyKind.Adaptive, 1, (int)Math.Round(epsilon * 1e6));
    }

    /// <summary>k agreeing results from distinct owners.</summary>
    /// <exception cref="ArgumentOutOfRangeException">k is not 2 to <see cref="QuorumMax"/>.</exception>
    public static VerificationPolicy Quorum(int k) => new(PolicyKind.Quorum, CheckedSize(k), 0);

    /// <summary>k agreeing results from distinct owners in distinct regions on distinct hardware, and an operator node's word.</summary>
    /// <exception cref="ArgumentOutOfRangeException">k is not 2 to <see cref="QuorumMax"/>.</exception>
    public static VerificationPolicy Critical(int k) => new(PolicyKind.Critical, CheckedSize(k), 0);

    /// <inheritdoc/>
    public static VerificationPolicy Parse(string s, IFormatProvider? provider = null) => TryParse(s, provider, out var policy)
        ? policy
        : throw IdText.Malformed(s, "verification policy", Expected);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out VerificationPolicy result)
    {
        result = s == "adaptive" ? Adaptive : None;
        return s is "none" or "adaptive"
            || TrySized(s, "quorum(", PolicyKind.Quorum, out result)
            || TrySized(s, "critical(", PolicyKind.Critical, out result)
            || TryAdaptive(s, out result);
    }

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static bool TrySized(string? s, string start, PolicyKind kind, out VerificationPolicy result)
    {
        result = None;
        if (!IsCall(s, start)
            || !int.TryParse(s.AsSpan(start.Length, s.Length - start.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var k)
            || k is < 2 or > QuorumMax)
        {
            return false;
        }

        result = new(kind, k, 0);
        return true;
    }

    private static bool TryAdaptive(string? s, out VerificationPolicy result)
    {
        const string Start = "adaptive(";
        result = None;
        if (!IsCall(s, Start)
            || !decimal.TryParse(s.AsSpan(Start.Length, s.Length - Start.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share)
            || share is < (decimal)EpsilonMin or > (decimal)EpsilonMax
            || share * 1_000_000 != decimal.Floor(share * 1_000_000))
        {
            return false;
        }

        result = new(PolicyKind.Adaptive, 1, (int)(share * 1_000_000));
        return true;
    }

    private static bool IsCall([NotNullWhen(true)] string? s, string start) =>
        s is not null && s.StartsWith(start, StringComparison.Ordinal) && s.EndsWith(')');

    private static int CheckedSize(int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, QuorumMax);
        return k;
    }
}

/// <summary>The verification policies.</summary>
[GenerateSerializer, Alias("PiGrid.PolicyKind")]
public enum PolicyKind
{
    /// <summary>One replica.</summary>
    None,

    /// <summary>As many as trust asks for.</summary>
    Adaptive,

    /// <summary>k agreeing results.</summary>
    Quorum,

    /// <summary>k agreeing results from distinct regions and hardware classes, and an audit.</summary>
    Critical,
}
