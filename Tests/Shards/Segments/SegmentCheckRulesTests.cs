using PiGrid.Grains.Shards;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Tests.Shards.Segments;

/// <summary>A spot check that looks at segments of a run: who is asked for what, and what every answer, and none, comes to.</summary>
public sealed class SegmentCheckRulesTests
{
    [Fact]
    public void Ringer_OfACutModel_GoesToAVolunteerFirstAndThenHasItsNodeOpen()
    {
        var bench = new SegmentBench();
        bench.Shard.Open();
        Assert.False(Assert.Single(bench.Shard.Wants).Operator);

        var commands = bench.Return();

        Assert.Empty(commands.OfType<ShardCommand.Accept>());
        Assert.Equal((WorkKind.Open, ShardBench.Node(SegmentBench.Volunteer)), (bench.Asked.Order.Work.Kind, bench.Asked.Only));
        Assert.Equal([0, 1, 2, 3], Assert.Single(bench.Asked.Order.Challenges!).Segments);
        Assert.Equal(bench.Shard.Spec.Inputs, bench.Asked.Order.Inputs);
    }

    [Fact]
    public void Opening_ThatIsWhatWasCommittedTo_GoesToAnOperatorNodeWithTheSignedOutput()
    {
        var bench = Opened();

        Assert.Equal((WorkKind.Audit, true), (bench.Asked.Order.Work.Kind, bench.Asked.Operator));
        var kept = Assert.Single(Assert.Single(bench.Shard.Commands.OfType<ShardCommand.Keep>()).Blobs);
        Assert.Equal([new BlobRef(Sha256.Of(kept), kept.Length)], bench.Asked.Order.Claims);
        var claim = System.Text.Json.JsonSerializer.Deserialize<SegmentClaim>(kept, GridJson.Wire)!;
        Assert.Equal(CanonicalJson.Digest(SegmentBench.Commitment()), CanonicalJson.Digest(claim.Opening.Commitment));
        Assert.NotNull(claim.Output.Tensors);
    }

    [Fact]
    public void Check_ThatFindsNothing_IsAPassedOneAndTheShardHasItsResult()
    {
        var bench = Opened();

        var commands = bench.Audit(SegmentBench.Finding(Agreement.Agree));

        Assert.False(Assert.Single(commands.OfType<ShardCommand.TellEvidence>()).Wrong);
        var accept = Assert.Single(commands.OfType<ShardCommand.Accept>());
        Assert.Equal((ShardBench.Lease(SegmentBench.Volunteer), false), (accept.Canonical.Lease, accept.Audited));
        Assert.False(Assert.Single(accept.Judged).Wrong);
        Assert.DoesNotContain(bench.Shard.Wants, w => w is { Operator: true, Order.Work.Kind: WorkKind.Run });
    }

    [Fact]
    public void Check_ThatFindsALie_IsAWrongAnswerAndTheShardIsRunAgainAsAWhole()
    {
        var bench = Opened();

        var commands = bench.Audit(SegmentBench.Finding(Agreement.Disagree, "Segment 2 of 4 does not give what was handed over."));

        var evidence = Assert.Single(commands.OfType<ShardCommand.TellEvidence>());
        Assert.Equal((ShardBench.Node(SegmentBench.Volunteer), ShardBench.Lease(SegmentBench.Volunteer), true), (evidence.Node, evidence.Lease, evidence.Wrong));
        Assert.Contains("Segment 2 of 4", evidence.Detail, StringComparison.Ordinal);
        Assert.Contains(commands, c => c is ShardCommand.TellVerdict { Verdict: Verdict.Rejected } told && told.Lease == ShardBench.Lease(SegmentBench.Volunteer));
        Assert.Contains(commands.OfType<ShardCommand.Want>(), w => w.Request is { Operator: true, Order.Work.Kind: WorkKind.Run });

        bench.Shard.Change(SegmentBench.Operator, ReplicaState.Assigned, bench.Shard.Wants.Last(w => w.Operator).Id, byOperator: true);
        var accept = Assert.Single(bench.Shard.Return(SegmentBench.Operator, 0, byOperator: true).OfType<ShardCommand.Accept>());
        Assert.Equal((ShardBench.Lease(SegmentBench.Operator), true), (accept.Canonical.Lease, accept.Audited));
        Assert.Equal([(ShardBench.Node(SegmentBench.Volunteer), true)], accept.Judged.Select(j => (j.Node, j.Wrong)));
    }

    [Fact]
    public void Check_ThatIsInconclusive_BlamesNobodyAndTheWholeRunDecides()
    {
        var bench = Opened();

        var commands = bench.Audit(SegmentBench.Finding(Agreement.Inconclusive, "Segment 1 of 4"));

        AssertWholeRun(bench, commands);
        bench.Shard.Change(SegmentBench.Operator, ReplicaState.Assigned, bench.Asked.Id, byOperator: true);
        var word = bench.Shard.Return(SegmentBench.Operator, 0, byOperator: true);
        Assert.False(Assert.Single(word.OfType<ShardCommand.TellEvidence>()).Wrong);
        Assert.True(Assert.Single(word.OfType<ShardCommand.Accept>()).Audited);
    }

    [Fact]
    public void Opening_OfAnotherRun_ProvesThatTheNodeLies()
    {
        var bench = Returned();

        var commands = bench.Open(SegmentBench.Opening(input: 5));

        Assert.True(Assert.Single(commands.OfType<ShardCommand.TellEvidence>()).Wrong);
        Assert.Contains(commands.OfType<ShardCommand.TellVerdict>(), v => v.Verdict == Verdict.Rejected && v.Reason!.Contains("committed itself to", StringComparison.Ordinal));
    }

    [Fact]
    public void Opening_OfNoUse_IsInvalidAndTheWholeRunDecides()
    {
        (ItemOutput[] Items, string Reason)[] openings =
        [
            ([], "opens 0 runs"),
            ([SegmentBench.Opening(), SegmentBench.Opening()], "opens 2 runs"),
            ([new() { Labels = [] }], "no opening"),
            ([SegmentBench.Opening() with { Labels = [] }], "no opening"),
            ([new() { Error = new(ItemErrorCode.ModelFailed, "gone") }], "cannot open it: gone"),
        ];
        foreach (var (items, reason) in openings)
        {
            var bench = Returned();
            var commands = bench.Open(items);

            var told = Assert.Single(commands.OfType<ShardCommand.TellVerdict>());
            Assert.Equal((ShardBench.Node(SegmentBench.Volunteer), Verdict.Invalid), (told.Node, told.Verdict));
            Assert.Contains(reason, told.Reason, StringComparison.Ordinal);
            AssertWholeRun(bench, commands);
        }
    }

    [Fact]
    public void Opening_ThatCannotBeReadOrIsAboutOtherInputs_IsInvalidAndTheWholeRunDecides()
    {
        var unreadable = Returned();
        AssertWholeRun(unreadable, unreadable.Send(
            SegmentBench.Volunteer, unreadable.Asked.Id, WorkKind.Open, new() { Items = [] }, [], ResultStatement.OpeningV1, null, problem: "Its output is over 100 bytes."));

        var other = Returned();
        var commands = other.Open(SegmentBench.Volunteer, other.Asked.Id, [SegmentBench.Opening()], statement => statement with { Inputs = [Sha256.Of("another shard"u8)] });
        Assert.Contains("other inputs", Assert.Single(commands.OfType<ShardCommand.TellVerdict>()).Reason, StringComparison.Ordinal);
        AssertWholeRun(other, commands);
    }

    [Fact]
    public void Opening_ByAnotherNodeOrForAnotherRequest_ChangesNothing()
    {
        var bench = Returned();

        var stranger = bench.Open(2, bench.Asked.Id, [SegmentBench.Opening()]);
        var replayed = bench.Open(SegmentBench.Volunteer, Guid.Empty, [SegmentBench.Opening()]);

        Assert.All([stranger, replayed], commands => Assert.Equal(Verdict.TooLate, Assert.IsType<ShardCommand.TellVerdict>(Assert.Single(commands)).Verdict));
        Assert.Equal(WorkKind.Open, bench.Asked.Order.Work.Kind);
        bench.Open(SegmentBench.Opening());
        Assert.Equal(WorkKind.Audit, bench.Asked.Order.Work.Kind);
    }

    [Fact]
    public void Finding_ByAVolunteer_ChangesNothing()
    {
        var bench = Opened();

        var commands = bench.Send(
            2, bench.Asked.Id, WorkKind.Audit, new() { Items = [SegmentBench.Finding(Agreement.Disagree)] }, bench.Asked.Order.Inputs, ResultStatement.AuditV1, null);

        Assert.Equal(Verdict.TooLate, Assert.IsType<ShardCommand.TellVerdict>(Assert.Single(commands)).Verdict);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Answer_ThatDoesNotCome_IsNobodysFaultAndTheWholeRunDecides(bool opened)
    {
        var bench = opened ? Opened() : Returned();
        bench.Report(opened ? SegmentBench.Operator : SegmentBench.Volunteer, ReplicaState.Accepted, kind: opened ? WorkKind.Audit : WorkKind.Open);

        // Other requests are made again in the meantime; the check is waited for.
        Assert.Equal(bench.Shard.State.Segments!.Until, ShardRules.WakeAt(bench.Shard.State, bench.Shard.Now, bench.Shard.Options));
        var commands = bench.Shard.Pass(bench.Shard.Segments.AnswerTimeout);

        Assert.Equal(ShardBench.Lease(100 + (opened ? SegmentBench.Operator : SegmentBench.Volunteer)), Assert.Single(commands.OfType<ShardCommand.CancelLease>()).Lease);
        AssertWholeRun(bench, commands);
    }

    [Theory]
    [InlineData(ReplicaState.Declined)]
    [InlineData(ReplicaState.Failed)]
    [InlineData(ReplicaState.Expired)]
    public void Lease_ThatEndsWithoutAnAnswer_HasTheWholeRunDecide(ReplicaState end)
    {
        var bench = Returned();
        bench.Report(SegmentBench.Volunteer, ReplicaState.Assigned);

        AssertWholeRun(bench, bench.Report(SegmentBench.Volunteer, end));
    }

    [Fact]
    public void Lease_ThatNobodyWaitsFor_IsTakenBackAndIsNoReplica()
    {
        var bench = Opened();
        bench.Audit(SegmentBench.Finding(Agreement.Agree));

        var commands = bench.Report(5, ReplicaState.Accepted, Guid.NewGuid());

        Assert.Equal(ShardBench.Lease(105), Assert.IsType<ShardCommand.CancelLease>(Assert.Single(commands)).Lease);
        Assert.DoesNotContain(bench.Shard.State.Replicas, r => r.Lease == ShardBench.Lease(105));
    }

    [Fact]
    public void Result_ThatCannotBeCheckedBySegments_IsRunAgainAsAWhole()
    {
        Func<ResultStatement, ResultStatement>[] others =
        [
            statement => statement with { Type = ResultStatement.TypeV1, Commitments = null },
            statement => statement with { Provider = "cuda" },
            statement => statement with { Commitments = [Sha256.Of([])] },
        ];
        foreach (var other in others)
        {
            var bench = new SegmentBench();
            bench.Shard.Open();
            AssertWholeRun(bench, bench.Return(change: other));
        }
    }

    [Fact]
    public void Shard_GivenUpDuringACheck_TakesTheLeaseBack()
    {
        var bench = Returned();
        bench.Report(SegmentBench.Volunteer, ReplicaState.Accepted);

        var commands = bench.Shard.Apply(new ShardEvent.Abandoned("cancelled"));

        Assert.Contains(commands, c => c is ShardCommand.CancelLease cancel && cancel.Lease == ShardBench.Lease(100 + SegmentBench.Volunteer));
        Assert.Null(bench.Shard.State.Segments);
    }

    [Fact]
    public void Job_ThatWantsASpotCheck_HasTheResultCheckedBySegmentsOnce()
    {
        var bench = new SegmentBench(VerificationPolicy.Adaptive, ringer: false);
        bench.Shard.Open();
        Assert.Single(bench.Return().OfType<ShardCommand.Accept>());
        var wish = new ShardEvent.CheckWanted(new() { Audits = true, Audit = true, Spot = true, Agreeing = 1 });

        bench.Shard.Apply(wish);
        Assert.Equal(WorkKind.Open, bench.Asked.Order.Work.Kind);
        bench.Open(SegmentBench.Opening());
        Assert.Single(bench.Audit(SegmentBench.Finding(Agreement.Agree)).OfType<ShardCommand.Accept>());

        Assert.IsType<ShardCommand.ReportAgain>(Assert.Single(bench.Shard.Apply(wish)));
    }

    [Fact]
    public void Job_ThatWantsCertainty_HasTheResultRunAgainAsAWhole()
    {
        var bench = new SegmentBench(VerificationPolicy.Adaptive, ringer: false);
        bench.Shard.Open();
        bench.Return();

        AssertWholeRun(bench, bench.Shard.Apply(new ShardEvent.CheckWanted(new() { Audits = true, Audit = true, Agreeing = 1 })));
    }

    private static SegmentBench Returned()
    {
        var bench = new SegmentBench();
        bench.Shard.Open();
        bench.Return();
        return bench;
    }

    private static SegmentBench Opened()
    {
        var bench = Returned();
        var commands = bench.Open(SegmentBench.Opening());
        Assert.Equal(Verdict.Accepted, Assert.Single(commands.OfType<ShardCommand.TellVerdict>()).Verdict);
        return bench;
    }

    private static void AssertWholeRun(SegmentBench bench, IReadOnlyList<ShardCommand> commands)
    {
        Assert.Empty(commands.OfType<ShardCommand.TellEvidence>());
        Assert.Empty(commands.OfType<ShardCommand.Accept>());
        Assert.True(bench.Asked is { Operator: true, Order.Work.Kind: WorkKind.Run }, $"{bench.Asked.Order.Work.Kind} was asked for.");
        Assert.Null(bench.Shard.State.Segments);
    }
}
