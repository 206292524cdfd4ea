using System.Text.RegularExpressions;

namespace PiGrid.Tests.Scenarios.Faults;

/// <summary>A node whose disk is full: a limit on the size of its files stands for that.</summary>
[Collection(RealProcesses.Name)]
public sealed partial class FullDiskAgentTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _folder = Directory.CreateTempSubdirectory("pigrid-full-").FullName;

    [GeneratedRegex("cannot be kept on this node's disk|cannot be fetched")]
    private static partial Regex DiskIsFull { get; }

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

        // On a busy machine the node may also seem silent for a moment; the reason that counts comes all the same, or the time is over.
        var ended = await grid.Client.WatchAsync(job, late.Token)
            .FirstOrDefaultAsync(happened => happened.Kind == JobEventKind.ReplicaEnded && DiskIsFull.IsMatch(happened.Detail!), late.Token);
        Assert.NotNull(ended);
        Assert.False(agent.HasExited, agent.Tail);
        agent.LimitFiles(null);
        var done = await grid.Client.WaitForJobAsync(job, late.Token);
        Assert.Equal((JobState.Completed, 0), (done.State, done.InputsFailed));
        await grid.UntilIdleAsync(late.Token);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
