namespace PiGrid.Tests.Simulation;

/// <summary>
/// One run of a <see cref="Scenario"/>: first with faults, then mended, when all work must end (as in TigerBeetle's simulator: first safety, then
/// liveness).
/// </summary>
internal static class SimulationRun
{
    // Longer than any lease and any patience.
    private static readonly TimeSpan EndWithin = TimeSpan.FromHours(3);
    private static readonly TimeSpan IdleWithin = TimeSpan.FromMinutes(30);
    private const long EventsMax = 20_000_000;

    /// <summary>Runs a seed.</summary>
    /// <exception cref="SimulationFailedException">Something did not hold; the message says how to see it again.</exception>
    public static RunReport Of(ulong seed, Action<VirtualGrid>? look = null)
    {
        var scenario = Scenario.Of(seed);
        var grid = new VirtualGrid(scenario.Plan);
        look?.Invoke(grid);
        try
        {
            return Run(grid, scenario);
        }
        catch (Exception e)
        {
            throw new SimulationFailedException(
                $"Seed {seed} failed after {grid.Queue.Elapsed} of virtual time ({grid.Queue.Happened} events): {e.Message} "
                + $"See it again: PIGRID_SIM_SEED={seed} dotnet test Tests --filter \"FullyQualifiedName~SimulationTests.Grid_WhenASeedIsNamed\". {(e is SimulationFailedException ? "" : e.ToString())}");
        }
    }

    private static RunReport Run(VirtualGrid grid, Scenario scenario)
    {
        var queue = grid.Queue;
        var client = new VirtualClient(grid);
        var storm = new FaultStorm(grid, SimRandom.Of(scenario.Plan.Seed, 8), scenario.Storm, scenario.Faults);
        grid.Start();
        storm.Start();
        var due = scenario.Jobs.Count;
        foreach (var job in scenario.Jobs)
        {
            queue.After(job.At, () => client.Submit(job.Shards, job.Policy, job.Comparator, job.Requester, job.CancelAfter, _ => due--));
        }

        var start = queue.Now;
        RunUntil(queue, start + scenario.Storm, () => false);
        RunUntil(queue, start + scenario.Storm + EndWithin, () => due == 0 && client.Accepted.Keys.All(id => grid.Store.Jobs[id].State != JobState.Running));
        var ended = queue.Elapsed - scenario.Storm;
        client.CheckAllOver();
        Invariants.Require(due == 0, "A job could not be submitted.");
        RunUntil(queue, queue.Now + IdleWithin, () => false);
        client.CheckAllOver();
        foreach (var agent in grid.Agents)
        {
            Invariants.Require(agent.Busy == 0, $"Node {agent.Id} still works, although no job is open.");
        }

        return new RunReport(
            scenario.Plan.Seed, queue.Hash, queue.Happened, scenario.Storm, ended, client.Accepted.Count, grid.Watch, storm.Counts,
            grid.Agents.Sum(agent => agent.Kept));
    }

    private static void RunUntil(EventQueue queue, DateTimeOffset until, Func<bool> isEnough)
    {
        for (var i = 0; queue.RunNext(until); i++)
        {
            if (i % 64 == 0 && isEnough())
            {
                return;
            }

            Invariants.Require(queue.Happened < EventsMax, $"{EventsMax} events are too many: something goes round in circles.");
        }
    }
}

/// <summary>What a run showed.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Hash">Stands for all that happened.</param>
/// <param name="Events">How many events that was.</param>
/// <param name="Storm">How long faults lasted.</param>
/// <param name="EndedAfter">How long after the last fault all work had ended; negative when before.</param>
/// <param name="Jobs">Jobs accepted.</param>
/// <param name="Watch">Counts.</param>
/// <param name="Faults">Faults by kind.</param>
/// <param name="Untold">Results whose nodes never heard a verdict.</param>
internal sealed record RunReport(
    ulong Seed, ulong Hash, long Events, TimeSpan Storm, TimeSpan EndedAfter, int Jobs, Watch Watch, IReadOnlyDictionary<FaultKind, int> Faults, int Untold);
