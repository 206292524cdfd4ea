using PiGrid.Grains.Shards;
using PiGrid.Tests.Verification;

namespace PiGrid.Tests.Shards;

/// <summary>Whatever the order of messages, losses and repetitions: what must hold of a shard's life.</summary>
public class ShardProperties
{
    [Fact]
    public void Shard_WhateverHappens_EndsAtMostOnceAndStaysSound() => Dice.Check(500, dice =>
    {
        var bench = new ShardBench(dice.OneOf(VerificationPolicy.None, VerificationPolicy.Quorum(2), VerificationPolicy.Quorum(3)));
        bench.Open();
        for (var i = 0; i < 60; i++)
        {
            Disturb(bench, dice);
            Check(bench);
        }
    });

    [Fact]
    public void Shard_WhenFaultsStop_EndsWithTheHonestAnswer() => Dice.Check(500, dice =>
    {
        var bench = new ShardBench();
        bench.Open();
        for (var i = 0; i < 10; i++)
        {
            Disturb(bench, dice, lies: false);
        }

        // Heal: every request is given to a new honest owner, who answers.
        for (var lease = 1000; bench.State.Phase == ShardPhase.Open && lease < 1100; lease++)
        {
            bench.Pass(TimeSpan.FromMinutes(11));
            if (bench.State.Replicas.Find(r => r.IsWanted) is { } wanted)
            {
                bench.Change(lease, ReplicaState.Assigned, wanted.Request);
                bench.Return(lease, 5);
            }
        }

        Assert.True(
            bench.State.Phase == ShardPhase.Accepted || bench.State.Issued >= bench.Options.ReplicasPerShardMax,
            $"The shard is {bench.State.Phase} after {bench.State.Issued} replicas.");
    });

    private static void Disturb(ShardBench bench, Dice dice, bool lies = true)
    {
        var lease = 1 + dice.Below(12);
        var request = dice.Once(3) || !bench.Wants.Any() ? Guid.Empty : bench.Wants.ElementAt(dice.Below(bench.Wants.Count())).Id;
        switch (dice.Below(6))
        {
            case 0 or 1:
                bench.Change(lease, ReplicaState.Assigned, request, owner: 1 + (lease % 8));
                break;
            case 2:
                bench.Change(lease, dice.OneOf(Enum.GetValues<ReplicaState>().Except([ReplicaState.Returned]).ToArray()), request, owner: 1 + (lease % 8));
                break;
            case 3 or 4:
                bench.Return(lease, lies && lease % 4 == 0 ? 99 : 5, owner: 1 + (lease % 8), problem: dice.Once(10) ? "bad" : null);
                break;
            default:
                bench.Pass(TimeSpan.FromSeconds(dice.Below(400)));
                break;
        }
    }

    private static void Check(ShardBench bench)
    {
        var state = bench.State;
        Assert.InRange(bench.Commands.Count(c => c is ShardCommand.Accept or ShardCommand.GiveUp), 0, 1);

        var owners = state.Replicas.Where(r => r.IsLive || r.Result is not null).Select(r => r.Owner).ToArray();
        Assert.Equal(owners.Distinct().Count(), owners.Length);
        Assert.InRange(state.Replicas.Count(r => r.IsWanted), 0, 3);

        if (bench.Commands.OfType<ShardCommand.Accept>().SingleOrDefault() is { } accept)
        {
            var agreed = accept.Compared.Where(r => accept.Agreed.Contains(r.Lease!.Value)).ToArray();
            Assert.True(agreed.Select(r => r.Owner).Distinct().Count() >= bench.Spec.Policy.Agreeing);
            Assert.Single(agreed.Select(r => r.Result!.Signed.Statement.Output).Distinct());
        }

        if (state.Phase == ShardPhase.Open)
        {
            Assert.NotNull(ShardRules.WakeAt(state, bench.Now, bench.Options));
        }
        else
        {
            Assert.Null(ShardRules.WakeAt(state, bench.Now, bench.Options));
        }
    }
}
