namespace PiGrid.Tests.Scenarios.Faults;

/// <summary>A node whose disk is full: a limit on the size of its files stands for that.</summary>
[Collection(RealProcesses.Name)]
public sealed class FullDiskAgentTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _folder = Directory.CreateTempSubdirectory("pigrid-full-").FullName;

    [LinuxFact]
    public async Task Agent_WhenItsDiskIsFull_FailsTheLeaseWithTheReason_AndDoesTheWorkWhenThereIsRoom()
    {
        using var late = new CancellationTokenSource(Patience);
        await using var grid = await FaultGrid.StartAsync(_folder, volunteers: 1, late.Token);
        var agent = Assert.Single(grid.Volunteers).Process;
        agent.LimitFiles(0);

        var job = (await grid.Client.SubmitAsync(
            new JobSpec
            {
                Model = grid.Model,
                Policy = VerificationPolicy.None,
                Inputs = [new JobInput { Name = "one", Data = CountingModel.Input([1, 2]) }],
            },
            cancellationToken: late.Token)).Id;
        var reason = "";
        await foreach (var happened in grid.Client.WatchAsync(job, late.Token))
        {
            if (happened.Kind == JobEventKind.ReplicaEnded)
            {
                reason = happened.Detail!;
                break;
            }
        }

        Assert.Matches("cannot be kept on this node's disk|cannot be fetched", reason);
        Assert.False(agent.HasExited, agent.Tail);
        agent.LimitFiles(null);
        var done = await grid.Client.WaitForJobAsync(job, late.Token);
        Assert.Equal((JobState.Completed, 0), (done.State, done.InputsFailed));
        await grid.UntilIdleAsync(late.Token);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
