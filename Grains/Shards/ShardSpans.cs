using System.Diagnostics;

namespace PiGrid.Grains.Shards;

/// <summary>What a span of a decision says of it; the same for a job's shard and an online call.</summary>
internal static class ShardSpans
{
    /// <summary>Says what the decision was.</summary>
    /// <param name="span">The span.</param>
    /// <param name="state">The state that it led to.</param>
    /// <param name="problem">What was wrong with the result; null when it could be used.</param>
    public static void SetTags(this Activity span, ShardState state, string? problem)
    {
        span.SetTag("pigrid.decision", state.Phase switch
        {
            ShardPhase.New => "too_early",
            ShardPhase.Open => "wait",
            ShardPhase.Accepted => "accept",
            ShardPhase.GivenUp => "give_up",
        });
        span.SetTag("pigrid.results", state.Replicas.Count(replica => replica.Result is not null));
        if (problem is not null)
        {
            span.SetStatus(ActivityStatusCode.Error, problem);
        }
    }
}
