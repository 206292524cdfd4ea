using System.Collections.Immutable;

namespace PiGrid.Grains.Jobs;

/// <summary>
/// Why a job waits: the reasons of those of its shards that wait now. The one that has waited longest speaks for the job, and when it goes on, the next one does: so what
/// is said is never the reason of a shard that runs or is closed, and never nothing while one waits.
/// </summary>
internal static class QueueRules
{
    /// <summary>Nothing waits.</summary>
    public static ImmutableList<(int Shard, string Reason)> None { get; } = [];

    /// <summary>After a shard has said why it waits, or that it no longer does (null).</summary>
    public static ImmutableList<(int Shard, string Reason)> Hear(ImmutableList<(int Shard, string Reason)> waiting, int shard, string? reason)
    {
        var at = waiting.FindIndex(w => w.Shard == shard);
        return (at, reason) switch
        {
            ( < 0, null) => waiting,
            (_, null) => waiting.RemoveAt(at),
            ( < 0, _) => waiting.Add((shard, reason)),
            _ => waiting.SetItem(at, (shard, reason)),
        };
    }

    /// <summary>What the job says.</summary>
    public static string? ReasonOf(ImmutableList<(int Shard, string Reason)> waiting) => waiting.Count == 0 ? null : waiting[0].Reason;
}
