using PiGrid.Grains.Nodes;
using PiGrid.Grains.Verification.Trust;
using PiGrid.Tests.Shards;
using PiGrid.Verification;

namespace PiGrid.Tests.Nodes;

public class ReputationRulesTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TrustOptions Options = new();
    private NodeStanding _standing = Volunteer();
    private int _leases;

    [Fact]
    public void Evidence_WhenItComesTwice_CountsOnce()
    {
        var evidence = Evidence(wrong: false);
        _standing = ReputationRules.Hear(_standing, evidence, Start, Options)!;

        Assert.Null(ReputationRules.Hear(_standing, evidence, Start, Options));
        Assert.Equal(1, ReputationRules.Passed(_standing, "street", Start, Options));
    }

    [Fact]
    public void Evidence_WhenWhatWasConfirmedTurnsOutWrong_CountsAgainst()
    {
        var evidence = Evidence(wrong: false);
        _standing = ReputationRules.Hear(_standing, evidence, Start, Options)!;

        _standing = ReputationRules.Hear(_standing, evidence with { Wrong = true }, Start, Options)!;

        Assert.Equal(ReputationTier.Suspended, ReputationRules.Tier(_standing, null, Start, Options));
        Assert.Equal(0, ReputationRules.Passed(_standing, "street", Start, Options));
    }

    [Fact]
    public void Trust_WhenEarnedWithOneFamily_IsNotOfAnother()
    {
        Pass(10, "street");

        Assert.Equal(ReputationTier.Trusted, ReputationRules.Tier(_standing, "street", Start, Options));
        Assert.Equal(ReputationTier.Probation, ReputationRules.Tier(_standing, "chat", Start, Options));
        Assert.Equal(0, ReputationRules.Passed(_standing, "chat", Start, Options));
    }

    [Fact]
    public void PlacedBy_FollowsChecksAndTime_AndIsNoOperatorNodes()
    {
        Assert.Equal(ReputationTier.Probation, ReputationRules.PlacedBy(_standing, Start, Options));
        Pass(10, "street");

        Assert.Equal(ReputationTier.Trusted, ReputationRules.PlacedBy(_standing, Start, Options));
        Assert.Equal(ReputationTier.Probation, ReputationRules.PlacedBy(_standing, Start + (Options.HalfLife * 2), Options));
        Assert.Null(ReputationRules.PlacedBy(_standing with { Record = _standing.Record! with { Operator = true } }, Start, Options));
    }

    [Fact]
    public void Suspension_WhenItIsOver_LeavesProbation()
    {
        Pass(10, "street");
        Hear(wrong: true);
        var end = _standing.SuspendedUntil!.Value;
        Assert.Equal(Start + Options.Suspension, end);
        Assert.Same(_standing, ReputationRules.Age(_standing, end.AddTicks(-1)));

        _standing = ReputationRules.Age(_standing, end);

        Assert.Null(_standing.SuspendedReason);
        Assert.Equal(ReputationTier.Probation, ReputationRules.Tier(_standing, "street", end, Options));
    }

    [Fact]
    public void Suspension_WhenMoreComesToLight_DoesNotBan()
    {
        for (var i = 0; i < 5; i++)
        {
            Hear(wrong: true);
        }

        Assert.Equal(ReputationTier.Suspended, ReputationRules.Tier(_standing, null, Start, Options));
        Assert.Equal(1, ReputationRules.ToReputation(_standing, Start, Options)!.Wrong);
    }

    [Fact]
    public void WrongAnswer_AfterASuspension_Bans()
    {
        Hear(wrong: true);
        var later = Start + Options.Suspension;
        _standing = ReputationRules.Age(_standing, later);

        var heard = ReputationRules.Hear(_standing, Evidence(wrong: true), later, Options)!;

        Assert.Equal(ReputationTier.Banned, heard.Trust!.Tier);
    }

    [Fact]
    public void Failures_WhenTheyAreMostOfAll_SuspendTheNodeAndTheFamilyThatTheyWereWith()
    {
        for (var i = 0; i < 10; i++)
        {
            var failed = _standing with { Tally = _standing.Tally with { Failed = _standing.Tally.Failed + 1 } };
            _standing = ReputationRules.Follow(NodePresence.Away, _standing, NodePresence.Away, failed, Start, Options);
        }

        Assert.Contains("failed", _standing.SuspendedReason, StringComparison.Ordinal);
        Assert.Equal(10, ReputationRules.ToReputation(_standing, Start, Options)!.Errors);
    }

    [Fact]
    public void Operator_WhateverHappens_HasNoStanding()
    {
        _standing = _standing with { Record = _standing.Record! with { Operator = true } };

        Assert.Null(ReputationRules.Hear(_standing, Evidence(wrong: true), Start, Options));
        Assert.Null(ReputationRules.ToReputation(_standing, Start, Options));
    }

    [Fact]
    public void Families_WhenThereAreMany_ForgetTheOnesUsedLongestAgo()
    {
        for (var i = 0; i < 70; i++)
        {
            Pass(1, $"model-{i}");
        }

        Assert.Equal(64, _standing.Families.Count);
        Assert.Equal(1, ReputationRules.Passed(_standing, "model-69", Start, Options));
        Assert.Equal(0, ReputationRules.Passed(_standing, "model-0", Start, Options));
    }

    private static NodeStanding Volunteer() => new()
    {
        Record = new NodeRecord { Id = ShardBench.Node(1), Owner = ShardBench.Owner(1), OwnerName = "one", PublicKey = [], Operator = false, EnrolledAt = Start },
    };

    private CheckEvidence Evidence(bool wrong, string family = "street") => new()
    {
        Lease = ShardBench.Lease(++_leases),
        Shard = new ShardId(JobId.FromBytes(new byte[16]), _leases),
        Model = new ModelRef(family, "1"),
        Wrong = wrong,
    };

    private void Hear(bool wrong) => _standing = ReputationRules.Hear(_standing, Evidence(wrong), Start, Options)!;

    private void Pass(int times, string family)
    {
        for (var i = 0; i < times; i++)
        {
            _standing = ReputationRules.Hear(_standing, Evidence(wrong: false, family), Start, Options)!;
        }
    }
}
