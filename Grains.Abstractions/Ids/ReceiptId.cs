using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace PiGrid;

/// <summary>The receipt of one accepted shard: <c>r_</c> (<c>rc_</c> for an online call), the job's 26 characters, '-', the shard's index. It names its shard, so no index of receipts is kept.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ReceiptId")]
[JsonConverter(typeof(TextIdJsonConverter<ReceiptId>))]
public readonly record struct ReceiptId : ITextId<ReceiptId>
{
    /// <summary>The receipt of <paramref name="shard"/>.</summary>
    public ReceiptId(ShardId shard) => Shard = shard;

    /// <summary>The shard that it proves.</summary>
    [Id(0)]
    public ShardId Shard { get; init; }

    /// <inheritdoc/>
    public string Value => $"{(Shard.Job.IsCall ? "rc_" : "r_")}{Shard.Job.Value[2..]}-{Shard.Index}";

    /// <inheritdoc/>
    public static ReceiptId Parse(string s, IFormatProvider? provider = null) => TryParse(s, provider, out var id)
        ? id
        : throw IdText.Malformed(s, "receipt id", "'r_JOB-INDEX'");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ReceiptId result)
    {
        var text = s is null ? null
            : s.StartsWith("r_", StringComparison.Ordinal) ? "j_" + s[2..].Replace('-', '/')
            : s.StartsWith("rc_", StringComparison.Ordinal) ? "c_" + s[3..].Replace('-', '/')
            : null;
        var ok = ShardId.TryParse(text, null, out var shard);
        result = new(shard);
        return ok;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
