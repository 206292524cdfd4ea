using PiGrid.NodeAgent.Identity;
using PiGrid.Protocol;
using PiGrid.Tests.Inference.Batching;
using PiGrid.Verification;

namespace PiGrid.Tests.NodeAgent;

/// <summary>Online calls on a node: they wait for a slot, and what waits for one model may run together.</summary>
public sealed class CallTests
{
    [Fact]
    public async Task Calls_BeyondTheSlots_WaitForOneUntilThereAreTooMany()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();
        Assert.Equal((1, 2), (session.Proof!.Profile.Slots, session.Proof.Profile.CallsAhead));
        var endless = grid.AssignCall(Works.Order(grid, Works.Endless(grid, 1), Works.Floats(("x", [1]))));
        Assignment[] calls = [endless, Add(grid, 1), Add(grid, 2), Add(grid, 3)];
        var job = grid.Assign(Works.Order(grid, Works.Add(grid), Works.Floats(("a", [1, 2]), ("b", [3, 4]))));

        // It has the slot before the others come: one of those might else be done at once, without a word of its acceptance.
        await session.SendAsync(new AssignMessage(endless));
        Assert.Equal(endless.Lease.Lease.Id, (await session.NextAsync<AcceptMessage>()).Lease);
        foreach (var call in calls.Skip(1).Append(job))
        {
            await session.SendAsync(new AssignMessage(call));
        }

        // All are heard before the first is done, which never is.
        var (accepted, declined) = (new List<LeaseId>(), new List<LeaseId>());
        while (accepted.Count + declined.Count < 4)
        {
            switch (await session.NextAsync<AgentMessage>())
            {
                case AcceptMessage accept:
                    accepted.Add(accept.Lease);
                    break;
                case DeclineMessage decline:
                    Assert.StartsWith("busy", decline.Reason, StringComparison.Ordinal);
                    declined.Add(decline.Lease);
                    break;
            }
        }

        Assert.Equal(calls.Skip(1).Take(2).Select(call => call.Lease.Lease.Id).ToHashSet(), accepted.ToHashSet());
        Assert.Equal([calls[3].Lease.Lease.Id, job.Lease.Lease.Id], declined);

        using var key = NodeKey.LoadOrCreate(Path.Combine(agent.Data, "node.key"));
        var results = new Dictionary<LeaseId, SignedResult>();
        while (results.Count < 3)
        {
            var result = (await session.NextAsync<ResultMessage>()).Result;
            results.TryAdd(result.Lease.Lease.Id, result);
        }

        Assert.Equal(ItemErrorCode.TimedOut, Assert.Single(Works.Items(results[endless.Lease.Lease.Id], endless, key.PublicKey)).Error!.Code);
        Assert.Equal([2, 2], Works.FloatsOf(Assert.Single(Works.Items(results[calls[1].Lease.Lease.Id], calls[1], key.PublicKey))));
        Assert.Equal([3, 2], Works.FloatsOf(Assert.Single(Works.Items(results[calls[2].Lease.Lease.Id], calls[2], key.PublicKey))));
    }

    [Fact]
    public async Task Call_ThatIsCancelledWhileItWaits_IsNotRun()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();
        Assignment[] calls = [grid.AssignCall(Works.Order(grid, Works.Endless(grid, 1), Works.Floats(("x", [1])))), Add(grid, 1), Add(grid, 2)];
        foreach (var call in calls)
        {
            await session.SendAsync(new AssignMessage(call));
            await session.NextAsync<AcceptMessage>();
        }

        await session.SendAsync(new CancelMessage(calls[1].Lease.Lease.Id, "nobody waits for it"));

        Assert.Equal(calls[0].Lease.Lease.Id, (await session.NextAsync<ResultMessage>()).Result.Lease.Lease.Id);
        Assert.Equal(calls[2].Lease.Lease.Id, (await session.NextAsync<ResultMessage>()).Result.Lease.Lease.Id);
    }

    [Fact]
    public async Task Calls_OfOneModelThatWait_RunTogetherAndGetTheirOwnAnswers()
    {
        await using var grid = await ProtocolGrid.StartAsync();
        await using var agent = AgentRun.Start(grid);
        var session = await grid.NextSessionAsync();
        var model = Works.Template(grid, BatchModels.Classifier);
        Assignment Classify(int seed) => grid.AssignCall(Works.Order(grid, model, BatchModels.Row(seed)));

        // Its worker says how many inputs it takes.
        await session.SendAsync(new AssignMessage(Classify(1)));
        using var key = NodeKey.LoadOrCreate(Path.Combine(agent.Data, "node.key"));
        await session.NextAsync<ResultMessage>();
        Assignment[] calls = [grid.AssignCall(Works.Order(grid, Works.Endless(grid, 1), Works.Floats(("x", [1])))), Classify(2), Classify(3)];
        foreach (var call in calls)
        {
            await session.SendAsync(new AssignMessage(call));
            await session.NextAsync<AcceptMessage>();
        }

        var results = new Dictionary<LeaseId, SignedResult>();
        while (results.Count < 3)
        {
            var result = (await session.NextAsync<ResultMessage>()).Result;
            results.TryAdd(result.Lease.Lease.Id, result);
        }

        Assert.Contains(agent.Log.Lines, line => line == "Ran 2 inputs of tiny@1 together");
        foreach (var (call, seed) in new[] { (calls[1], 2), (calls[2], 3) })
        {
            using var pipeline = BatchModels.Load(BatchModels.Classifier);
            var expected = pipeline.Run(BatchModels.Row(seed)).Output;
            var given = Assert.Single(Works.Items(results[call.Lease.Lease.Id], call, key.PublicKey));
            Assert.Equal(Agreement.Agree, OutputComparer.Compare(new() { Kind = ComparatorKind.Tensors }, expected, given));
        }
    }

    private static Assignment Add(ProtocolGrid grid, float first) =>
        grid.AssignCall(Works.Order(grid, Works.Add(grid), Works.Floats(("a", [first, 1]), ("b", [1, 1]))));
}
