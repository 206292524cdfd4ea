using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace PiGrid;

/// <summary>The receipt of one accepted shard: <c>r_</c>, the job's 26 characters, '-', the shard's index. It names its shard, so no index of receipts is kept.</summary>
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
    public string Value => $"r_{Shard.Job.Value[2..]}-{Shard.Index}";

    /// <inheritdoc/>
    public static ReceiptId Parse(string s, IFormatProvider? provider = null) => TryParse(s, provider, out var id)
        ? id
        : throw IdText.Malformed(s, "receipt id", "'r_JOB-INDEX'");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ReceiptId result)
    {
        var ok = s is not null && s.StartsWith("r_", StringComparison.Ordinal);
        ok = ShardId.TryParse(ok ? "j_" + s![2..].Replace('-', '/') : null, null, out var shard) && ok;
        result = new(shard);
        return ok;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
