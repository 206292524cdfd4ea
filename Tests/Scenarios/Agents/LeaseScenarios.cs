using System.Net.Http.Json;
using PiGrid.Api;

namespace PiGrid.Tests.Scenarios.Agents;

/// <summary>What becomes of a lease when its agent, its silo, its requester or its volunteer ends things in the middle.</summary>
[Collection(RealProcesses.Name)]
public sealed class LeaseScenarios
{
    [LinuxFact]
    public async Task Result_FinishedWhileTheSiloIsDown_WhenItsAgentIsKilled_IsAcceptedOnceByBothRestarted()
    {
        await using var grid = await AgentGrid.StartAsync();
        var agent = grid.StartAgent("a", slow: true);
        var job = await grid.SubmitAsync(AgentGrid.Add);
        await agent.SaysAsync("Accepted lease");

        await grid.Silo.StopAsync();
        await agent.SaysAsync("Finished lease");
        await agent.KillAsync();
        Assert.Single(Directory.GetFiles(Path.Combine(agent.Data, "results"), "*.json"));
        await grid.Silo.StartAgainAsync();
        var restarted = grid.StartAgent("a");

        Assert.Equal((JobState.Completed, 0), await EndOf(grid, job));
        await restarted.SaysAsync("is Accepted");
        Assert.DoesNotContain("Accepted lease", restarted.Log, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(agent.Data, "results")));
        var status = await grid.StatusAsync(restarted);
        Assert.Equal((1, 0), (status.Tally.Accepted, status.Tally.Invalid));
        Assert.Empty(status.Leases);
    }

    [LinuxFact]
    public async Task Lease_WhoseWorkWasNotDone_WhenItsAgentIsKilled_IsMissedAsSoonAsTheAgentIsBack()
    {
        // The shard asks for nobody else meanwhile, so what it hears it hears from the returning node.
        await using var grid = await AgentGrid.StartAsync("--Jobs:DisconnectGrace=01:00:00", "--Jobs:AskAgain=00:00:01");
        var agent = grid.StartAgent("a", slow: true);
        var job = await grid.SubmitAsync(AgentGrid.Add);
        await grid.EventsAsync(job, e => e.Kind == JobEventKind.ReplicaAccepted);

        await agent.KillAsync();
        var restarted = grid.StartAgent("a");

        var events = await grid.EventsAsync(job, e => e.Kind == JobEventKind.JobFinished);
        Assert.Contains(events, e => e is { Kind: JobEventKind.ReplicaEnded, Detail: "the node came back without it" });
        Assert.Equal(2, events.Count(e => e.Kind == JobEventKind.ReplicaAccepted));
        await restarted.SaysAsync("is Accepted");
    }

    [LinuxFact]
    public async Task Lease_WhoseWorkTakesLongerThanItWasGivenFor_IsRenewedAndDoneByItsNode()
    {
        await using var grid = await AgentGrid.StartAsync("--Nodes:LeaseDuration=00:00:05", "--Nodes:Heartbeat=00:00:00.500", "--Nodes:HeartbeatsMissedMax=10");
        var agent = grid.StartAgent("a", slow: true);

        var job = await grid.SubmitAsync(AgentGrid.Add);

        Assert.Equal((JobState.Completed, 0), await EndOf(grid, job));
        await agent.SaysAsync("is renewed to");
        Assert.Equal(1, (await grid.Silo.Grains.GetGrain<IShardGrain>(new ShardId(job, 0).Value).GetResult())!.Replicas);
    }

    [LinuxFact]
    public async Task Job_WhenItIsCancelled_StopsTheRunningWorkerAndFreesItsSlot()
    {
        await using var grid = await AgentGrid.StartAsync();
        var agent = grid.StartAgent("a");
        var endless = await grid.SubmitAsync(AgentGrid.Endless);
        await agent.SaysAsync("Accepted lease");

        using var cancelled = await grid.Silo.Http.PostAsJsonAsync($"/api/jobs/{endless}/cancel", new ReasonRequest("changed my mind"), GridJson.Wire);
        Assert.True(cancelled.IsSuccessStatusCode);

        await agent.SaysAsync("Stops work on lease");
        Assert.Equal((JobState.Completed, 0), await EndOf(grid, await grid.SubmitAsync(AgentGrid.Add)));
    }

    [LinuxFact]
    public async Task Lease_ThatTheAgentDeclines_GoesToAnotherWithTheReason()
    {
        await using var grid = await AgentGrid.StartAsync("--Jobs:AskAgain=00:00:01");

        // Room for one model of 600 MiB: that the second does not fit, the agent alone knows.
        var small = grid.StartAgent("small", """{ "memory_mib_max": 1000 }""", slots: 2);
        await grid.SubmitAsync(AgentGrid.Endless);
        await small.SaysAsync("Accepted lease");
        var job = await grid.SubmitAsync(AgentGrid.Endless);

        await small.SaysAsync("Declined lease");
        await grid.EventsAsync(job, e => e.Kind == JobEventKind.ReplicaEnded && e.Detail!.StartsWith("memory: ", StringComparison.Ordinal));
        var other = grid.StartAgent("other");

        await other.SaysAsync("Accepted lease");
    }

    [LinuxFact]
    public async Task Agent_WhenTerminated_FinishesWhatItHoldsAndEndsWithZero()
    {
        await using var grid = await AgentGrid.StartAsync();
        var agent = grid.StartAgent("a", slow: true);
        var job = await grid.SubmitAsync(AgentGrid.Add);
        await agent.SaysAsync("Accepted lease");

        Assert.Equal(0, await agent.TerminateAsync());

        Assert.Equal((JobState.Completed, 0), await EndOf(grid, job));
        Assert.Equal(1, (await grid.StatusAsync(agent)).Tally.Accepted);
    }

    [LinuxFact]
    public async Task Agent_WhenTerminatedWithoutTimeToFinish_GivesItsLeaseBackAtOnce()
    {
        await using var grid = await AgentGrid.StartAsync("--Jobs:DisconnectGrace=01:00:00");
        var agent = grid.StartAgent("a", """{ "drain_seconds": 0 }""");
        var job = await grid.SubmitAsync(AgentGrid.Endless);
        await agent.SaysAsync("Accepted lease");
        var other = grid.StartAgent("b");
        await other.SaysAsync("is open");

        Assert.Equal(0, await agent.TerminateAsync());

        await grid.EventsAsync(job, e => e.Kind == JobEventKind.ReplicaEnded && e.Detail!.StartsWith("draining: ", StringComparison.Ordinal));
        await other.SaysAsync("Accepted lease");
        Assert.Equal((0, 0), ((await grid.StatusAsync(agent)).Tally.Failed, (await grid.StatusAsync(agent)).Tally.Expired));
    }

    private static async Task<(JobState State, int Failed)> EndOf(AgentGrid grid, JobId job)
    {
        var status = await grid.FinishAsync(job);
        return (status.State, status.InputsFailed);
    }
}
