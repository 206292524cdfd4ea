using System.Diagnostics;
using PiGrid.Client;

namespace PiGrid.Tests.Scenarios.Faults;

/// <summary>What an episode came to.</summary>
/// <param name="Jobs">Jobs that were accepted.</param>
/// <param name="Shards">Their shards.</param>
/// <param name="ConvergedMs">The time from the end of the last fault until all work had ended and every node was idle; -1 when that did not come.</param>
/// <param name="Violations">What was wrong.</param>
internal sealed record EpisodeOutcome(int Jobs, int Shards, long ConvergedMs, IReadOnlyCollection<string> Violations);

/// <summary>
/// One round of harm: faults are injected while jobs run; then they stop, and the grid must end all its work. The same seed chooses the same faults,
/// though real processes never meet them quite alike.
/// </summary>
internal sealed class Episode(FaultGrid grid, Injector injector, Random dice)
{
    private const int Lanes = 2, OpenJobsMin = 3, ShardsMin = 4, ShardsMax = 24, EarlierChecked = 20;

    private static readonly TimeSpan ConvergeMax = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    /// <summary>Injects faults, waits for calm, checks.</summary>
    /// <param name="plan">The faults with the moments that they wait for.</param>
    /// <param name="witness">Knows what was promised; it may know of earlier episodes.</param>
    /// <param name="injected">Told of each fault when it is over.</param>
    public async Task<EpisodeOutcome> RunAsync(IReadOnlyList<(FaultKind Kind, string Moment)> plan, Witness witness, Action<Fault> injected)
    {
        var before = witness.Jobs.Select(j => j.Id).ToHashSet();
        var requester = new Requester(grid, witness);
        using var limit = new CancellationTokenSource();
        using var calm = new CancellationTokenSource();
        var feeding = FeedAsync(requester, new Random(dice.Next()), calm.Token, limit.Token);
        var lanes = Enumerable.Range(0, Lanes).Select(lane => InjectAsync([.. plan.Where((_, i) => i % Lanes == lane)], new Random(dice.Next()), witness, injected)).ToList();
        await Task.WhenAll(lanes);

        var start = Stopwatch.GetTimestamp();
        limit.CancelAfter(ConvergeMax);
        await calm.CancelAsync();
        var converged = await ConvergeAsync(requester, witness, feeding, limit.Token);
        var took = converged ? (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds : -1;
        foreach (var casualty in grid.Casualties())
        {
            witness.Complain(casualty);
        }

        var jobs = witness.Jobs.Where(j => !before.Contains(j.Id)).ToList();
        if (converged)
        {
            var earlier = witness.Jobs.Where(j => before.Contains(j.Id)).ToArray();
            dice.Shuffle(earlier);
            await witness.CheckAsync([.. jobs, .. earlier.Take(EarlierChecked)], grid);
        }

        return new(jobs.Count, jobs.Sum(j => j.Numbers.Count), took, witness.Violations);
    }

    private async Task InjectAsync(IReadOnlyList<(FaultKind Kind, string Moment)> plan, Random own, Witness witness, Action<Fault> injected)
    {
        try
        {
            foreach (var (kind, moment) in plan)
            {
                injected(await injector.InjectAsync(kind, moment, own));
            }
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException)
        {
            // A program that was killed did not come back.
            witness.Complain(e.Message);
        }
    }

    // There is always work for a fault to hit.
    private static async Task FeedAsync(Requester requester, Random own, CancellationToken calm, CancellationToken limit)
    {
        do
        {
            if (requester.Open < OpenJobsMin)
            {
                await requester.SubmitAsync(own.Next(ShardsMin, ShardsMax + 1), own, limit);
            }
            else
            {
                await Task.Delay(LookAgain, CancellationToken.None);
            }
        }
        while (!calm.IsCancellationRequested);
    }

    private async Task<bool> ConvergeAsync(Requester requester, Witness witness, Task feeding, CancellationToken limit)
    {
        try
        {
            await feeding;
            await requester.UntilDoneAsync(limit);
            await grid.UntilIdleAsync(limit);
            if (await grid.Client.ListJobsAsync(openOnly: true, limit).FirstOrDefaultAsync(limit) is { } open)
            {
                witness.Complain($"Job {open.Id} is listed as open after all work has ended.");
            }

            return true;
        }
        catch (Exception e) when (e is GridApiException or GridUnreachableException)
        {
            witness.Complain($"The grid refused what it should have taken: {e.Message}");
            return false;
        }
        catch (OperationCanceledException)
        {
            var open = witness.Jobs.Where(j => !witness.HasEnded(j.Id)).Select(j => j.Id.Value).ToList();
            var nodes = string.Join("; ", grid.Standing());
            witness.Complain($"Not all work ended within {ConvergeMax.TotalSeconds:0} s after the last fault: {open.Count} jobs are open ({string.Join(", ", open.Take(5))}); {nodes}");
            return false;
        }
    }
}
