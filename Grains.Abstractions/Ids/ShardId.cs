using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;

namespace PiGrid;

/// <summary>The smallest piece of a job that is verified and paid: <c>job/index</c>, index from 0.</summary>
[GenerateSerializer, Immutable, Alias("PiGrid.ShardId")]
[JsonConverter(typeof(TextIdJsonConverter<ShardId>))]
public readonly record struct ShardId : ITextId<ShardId>
{
    /// <summary>The shard of <paramref name="job"/> at <paramref name="index"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    public ShardId(JobId job, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        Job = job;
        Index = index;
    }

    /// <summary>The job it belongs to.</summary>
    [Id(0)]
    public JobId Job { get; init; }

    /// <summary>Its place in the job, from 0.</summary>
    [Id(1)]
    public int Index { get; init; }

    /// <inheritdoc/>
    public string Value => string.Create(CultureInfo.InvariantCulture, $"{Job}/{Index}");

    /// <inheritdoc/>
    public static ShardId Parse(string s, IFormatProvider? provider = null) => TryParse(s, provider, out var id)
        ? id
        : throw IdText.Malformed(s, "shard id", "'JOB/INDEX'");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ShardId result)
    {
        result = default;
        var slash = s?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (slash < 0
            || !JobId.TryParse(s![..slash], null, out var job)
            || !int.TryParse(s.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            return false;
        }

        result = new(job, index);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
