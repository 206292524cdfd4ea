using PiGrid.Verification;

namespace PiGrid.Tests.Scenarios.Poison;

/// <summary>One bad input among many good ones: it has an error of its own, all others have their results, and no node pays for it.</summary>
[Collection(RealProcesses.Name)]
public sealed class PoisonJobTests(PoisonGrid grid) : IClassFixture<PoisonGrid>
{
    [Fact]
    public async Task Input_WhenOneOfTenThousandCannotBeRead_FailsAlone()
    {
        const int Poison = 7_345;
        byte[][] inputs = [.. Enumerable.Range(0, 10_000).Select(i => i == Poison ? "no tensors at all"u8.ToArray() : PoisonGrid.Good(i))];

        var (job, results) = await grid.RunAsync(inputs);

        Assert.Equal((JobState.Completed, 10_000, 1, 0), (job.State, job.Inputs, job.InputsFailed, job.ShardsFailed));
        AssertAllBut(results, 10_000, (Poison, ItemErrorCode.Undecodable));
        Assert.Contains("no tensors", results[Poison].Output.Error!.Message, StringComparison.OrdinalIgnoreCase);
        await AssertNobodyPaidAsync();
    }

    [Fact]
    public async Task Inputs_ThatEndOrHoldTheirWorkerEveryTime_FailAlone()
    {
        // Three gigabytes where 256 MiB are allowed, and a loop of 2^63 rounds where a second is.
        const int Hungry = 100, Endless = 333;
        byte[][] inputs =
        [
            .. Enumerable.Range(0, 400).Select(i => i switch
            {
                Hungry => PoisonGrid.Input(i, rounds: 1, size: 800_000_000),
                Endless => PoisonGrid.Input(i, rounds: long.MaxValue, size: 1),
                _ => PoisonGrid.Good(i),
            }),
        ];

        var (job, results) = await grid.RunAsync(inputs);

        Assert.Equal((JobState.Completed, 2, 0), (job.State, job.InputsFailed, job.ShardsFailed));
        AssertAllBut(results, 400, (Hungry, ItemErrorCode.WorkerDied), (Endless, ItemErrorCode.TimedOut));
        Assert.All(new[] { Hungry, Endless }, i => Assert.Contains("Send a smaller one", results[i].Output.Error!.Message, StringComparison.Ordinal));

        // A shard with poison in it is tried as often as any other.
        Assert.All(results, r => Assert.Equal((2, 2), (r.Replicas, r.Agreed)));
        await AssertNobodyPaidAsync();
    }

    private static void AssertAllBut(List<JobResult> results, int count, params (int Index, ItemErrorCode Code)[] poison)
    {
        Assert.Equal(Enumerable.Range(0, count), results.Select(r => r.Index));
        Assert.Equal(poison, results.Where(r => r.Output.Error is not null).Select(r => (r.Index, r.Output.Error!.Code)));
        Assert.All(results.Where(r => r.Output.Error is null), r => Assert.Equal(r.Index, BitConverter.ToSingle(r.Output.Tensors!.Single().Data)));
        Assert.All(results, r => Assert.Equal($"input {r.Index}", r.Name));
    }

    private async Task AssertNobodyPaidAsync()
    {
        var nodes = await grid.Client.ListNodesAsync().ToListAsync();
        Assert.Equal(3, nodes.Count);
        Assert.All(nodes, n => Assert.Equal((0, 0, 0, 0), (n.Tally.Wrong, n.Tally.Invalid, n.Tally.Failed, n.Tally.Expired)));
        Assert.All(nodes, n => Assert.NotEqual(0, n.Tally.Accepted));
    }
}
