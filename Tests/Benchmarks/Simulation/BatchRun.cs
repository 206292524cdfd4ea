using PiGrid.Tests.Simulation;
using PiGrid.Verification;

namespace PiGrid.Benchmarks.Simulation;

/// <summary>One job on a virtual grid.</summary>
internal static class BatchRun
{
    // The nodes connect before the job comes.
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>Runs a job to its end.</summary>
    /// <param name="plan">The grid.</param>
    /// <param name="shards">The job's shards, of one input each.</param>
    /// <param name="policy">How it is checked.</param>
    /// <param name="interfere">Is called as the job is accepted.</param>
    public static BatchResult Run(GridPlan plan, int shards, VerificationPolicy policy, Action<VirtualGrid>? interfere = null)
    {
        var grid = new VirtualGrid(plan);
        var client = new VirtualClient(grid);
        DateTimeOffset accepted = default;
        DateTimeOffset? ended = null;
        grid.Watch.OnJobEnded = (_, record) => ended = record.State == JobState.Completed
            ? grid.Queue.Now
            : throw new InvalidOperationException($"The job is {record.State}: {record.Error}");
        grid.Start();
        grid.Queue.After(Lead, () => client.Submit(shards, policy, ComparatorKind.Tensors, accepted: _ =>
        {
            accepted = grid.Queue.Now;
            interfere?.Invoke(grid);
        }));
        while (ended is null && grid.Queue.RunNext(grid.Queue.Now + Longest))
        {
        }

        return new((ended ?? throw new InvalidOperationException("The job did not end.")) - accepted, grid.Watch.Replicas, grid.Watch.Hedges, grid.Watch.GivenUp, grid.Queue.Happened);
    }
}

/// <summary>What became of the job.</summary>
/// <param name="Makespan">From its acceptance to its end.</param>
/// <param name="Replicas">Replicas given to nodes.</param>
/// <param name="Hedges">Those of them that were hedges.</param>
/// <param name="GivenUp">Shards without a result.</param>
/// <param name="Events">Events simulated.</param>
internal sealed record BatchResult(TimeSpan Makespan, long Replicas, long Hedges, long GivenUp, long Events);
