using PiGrid.Protocol;

namespace PiGrid.Tests.Scenarios.Segments;

/// <summary>Spot checks by segments, with the real model, a real operator node, and nodes that are honest and nodes that are not.</summary>
[Collection(RealProcesses.Name)]
public sealed class SegmentScenarios
{
    private static readonly string[] Pictures = ["junction.jpg", "high-street.jpg"];

    [LinuxFact]
    public async Task HonestAgent_OpensWhatItCommittedToAndPasses()
    {
        await using var grid = await SegmentGrid.StartAsync();
        var agent = grid.StartAgent("volunteer", grid.Silo.Bootstrap.EnrolmentToken!);
        await agent.SaysAsync("Session");

        var job = await grid.RunAsync(Pictures);

        await grid.AssertTruthAsync(job, Pictures);
        var status = await grid.StatusAsync(SegmentGrid.NodeOf(agent));
        Assert.Equal(2, status.Reputation!.Passed, 3);
        Assert.Equal(0, status.Reputation.Wrong);
        Assert.Equal((4, 0), (status.Tally.Accepted, status.Tally.Invalid));
        var replica = Assert.Single((await grid.ReceiptAsync(job)).Replicas);
        Assert.Equal((false, ResultStatement.TypeV2, 1), (replica.Operator, replica.Statement.Type, replica.Statement.Commitments!.Count));

        // The validation, and an audit for each shard: nothing was run again as a whole.
        Assert.Equal(3, Count(grid.Operator.Log, "Accepted lease"));
        Assert.Equal(4, Count(agent.Log, "Accepted lease"));
    }

    [LinuxFact]
    public async Task Node_ThatCheatsInOneSegment_IsFoundAndTheTruthIsDelivered()
    {
        await using var grid = await SegmentGrid.StartAsync();
        await using var cheat = await CheatNode.StartAsync(grid.Silo, Cheat.OneSegment);

        var job = await grid.RunAsync(Pictures[0]);

        await grid.AssertTruthAsync(job, Pictures[0]);
        var status = await grid.StatusAsync(cheat.Node);
        Assert.Equal(NodeState.Suspended, status.State);
        Assert.Contains("Segment 1 of", status.Reason, StringComparison.Ordinal);
        Assert.True(Assert.Single((await grid.ReceiptAsync(job)).Replicas).Operator);
    }

    [LinuxFact]
    public async Task Node_ThatOpensAnotherRun_IsFoundByItsOwnSignature()
    {
        await using var grid = await SegmentGrid.StartAsync();
        await using var cheat = await CheatNode.StartAsync(grid.Silo, Cheat.AnotherRun);

        await grid.AssertTruthAsync(await grid.RunAsync(Pictures[1]), Pictures[1]);

        var status = await grid.StatusAsync(cheat.Node);
        Assert.Equal(NodeState.Suspended, status.State);
        Assert.Contains("committed itself to", status.Reason, StringComparison.Ordinal);
    }

    [LinuxFact]
    public async Task Node_ThatOpensTooLittle_HasAnInvalidResultAndIsCheckedAsAWhole()
    {
        await using var grid = await SegmentGrid.StartAsync();
        await using var cheat = await CheatNode.StartAsync(grid.Silo, Cheat.TooLittle);

        await AssertWholeAsync(grid, cheat, invalid: 1);
    }

    [LinuxFact]
    public async Task Node_ThatNeverOpens_IsCheckedAsAWhole()
    {
        await using var grid = await SegmentGrid.StartAsync("--Segments:AnswerTimeout=00:00:02");
        await using var cheat = await CheatNode.StartAsync(grid.Silo, Cheat.Silent);

        await AssertWholeAsync(grid, cheat, invalid: 0);
    }

    [LinuxFact]
    public async Task Node_ThatKnowsNothingOfSegments_IsSentNothingOfThemAndCheckedAsAWhole()
    {
        await using var grid = await SegmentGrid.StartAsync();
        await using var old = await CheatNode.StartAsync(grid.Silo, Cheat.Old);

        await AssertWholeAsync(grid, old, invalid: 0);
    }

    private static async Task AssertWholeAsync(SegmentGrid grid, CheatNode node, int invalid)
    {
        var job = await grid.RunAsync(Pictures[0]);

        await grid.AssertTruthAsync(job, Pictures[0]);
        var status = await grid.StatusAsync(node.Node);
        Assert.Equal(1, status.Reputation!.Passed, 3);
        Assert.Equal(0, status.Reputation.Wrong);
        Assert.Equal(invalid, status.Tally.Invalid);
        Assert.Equal([false, true], (await grid.ReceiptAsync(job)).Replicas.Select(r => r.Operator));
    }

    private static int Count(string log, string text) => log.Split(text).Length - 1;
}
