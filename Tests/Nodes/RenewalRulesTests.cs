using System.Collections.Immutable;
using PiGrid.Grains.Nodes;
using PiGrid.Protocol;
using PiGrid.Tests.Shards;

namespace PiGrid.Tests.Nodes;

public class RenewalRulesTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly NodeOptions Options = new()
    {
        LeaseDuration = TimeSpan.FromMinutes(10),
        LeaseTotalMax = TimeSpan.FromMinutes(30),
        LeaseStallMax = TimeSpan.FromMinutes(5),
    };

    private static readonly LeaseId Id = ShardBench.Lease(1);

    private NodePresence _presence = With(ReplicaState.Accepted);
    private int _done;

    [Fact]
    public void Lease_InTheFirstHalfOfItsTime_IsNotRenewed() => Assert.Empty(Beat(4.9));

    [Fact]
    public void Lease_InTheSecondHalfOfItsTime_IsRenewedForAWholeTime_AndItsShardHears()
    {
        var commands = Beat(5.5);

        Assert.Equal(Start.AddMinutes(15.5), Assert.Single(commands.OfType<NodeCommand.Renew>()).Lease.Deadline);
        var told = Assert.Single(commands.OfType<NodeCommand.Tell>());
        Assert.Equal((ReplicaState.Accepted, Start.AddMinutes(15.5)), (told.State, told.Deadline));
        Assert.Equal(Start.AddMinutes(15.5), _presence.Leases[Id].Lease.Deadline);
        Assert.Empty(Beat(5.6));
    }

    [Fact]
    public void Lease_WhoseProgressStandsStill_IsNotRenewedAfterAWhile()
    {
        Beat(1);

        Assert.Empty(Beat(6.1, grows: false));
        Assert.NotEmpty(Beat(6.2));
    }

    [Fact]
    public void Lease_WhoseBlobsAreOnTheirWay_IsRenewedThoughNoInputIsDone()
    {
        Fetch(1, 100);
        Fetch(5.5, 200);
        Assert.NotEmpty(Fetch(10.6, 300));

        // It has them all: a claim of more is none.
        Fetch(12, 1_000);
        Assert.Empty(Fetch(19, 2_000));
    }

    [Fact]
    public void Lease_HoweverManyInputsEndAtTheirLimit_EndsWithItsTotalTime_AlsoAfterARestartOfTheSilo()
    {
        // As a silo that remembers nothing takes it back: from what it signed before.
        _presence = _presence with { Leases = _presence.Leases.SetItem(Id, new HeldLease(_presence.Leases[Id].Lease, ReplicaState.Accepted, Start.AddMinutes(6))) };
        var last = Start;
        for (var minute = 6.0; minute < 60; minute += 4)
        {
            last = Beat(minute).OfType<NodeCommand.Renew>().SingleOrDefault()?.Lease.Deadline ?? last;
        }

        Assert.Equal(Start + Options.LeaseTotalMax, last);
    }

    [Fact]
    public void Lease_WhoseProgressIsStillNothing_IsRenewedAtFirst()
    {
        Assert.NotEmpty(Beat(5, grows: false));
        Assert.Empty(Beat(14, grows: false));
    }

    [Fact]
    public void Lease_HoweverMuchProgressIsClaimed_EndsWithItsTotalTime()
    {
        var last = Start;
        for (var minute = 1.0; minute < 60; minute++)
        {
            last = Beat(minute).OfType<NodeCommand.Renew>().SingleOrDefault()?.Lease.Deadline ?? last;
        }

        Assert.Equal(Start + Options.LeaseTotalMax, last);
        Assert.Equal(last, _presence.Leases[Id].Lease.Deadline);
    }

    [Fact]
    public void Lease_OfAJobThatEndsSooner_IsRenewedToThatInstantAndNoFurther()
    {
        _presence = With(ReplicaState.Accepted, jobDeadline: Start.AddMinutes(12));

        Assert.Equal(Start.AddMinutes(12), Assert.Single(Beat(6).OfType<NodeCommand.Renew>()).Lease.Deadline);
        Assert.Empty(Beat(11));
    }

    [Fact]
    public void Lease_WhoseTimeIsOver_IsNotRenewed() => Assert.Empty(Beat(10));

    [Theory]
    [InlineData(ReplicaState.Assigned)]
    [InlineData(ReplicaState.Returned)]
    [InlineData(ReplicaState.Disconnected)]
    public void Lease_ThatIsNotWorkedOn_IsNotRenewed(ReplicaState state)
    {
        _presence = With(state);

        Assert.Empty(Beat(6));
    }

    [Fact]
    public void Lease_ThatTheNodeDoesNotHold_ChangesNothing()
    {
        var step = RenewalRules.Renew(_presence, new(), [new(ShardBench.Lease(2), 3)], Start.AddMinutes(6), Options);

        Assert.Empty(step.Commands);
        Assert.Equal([Id], step.Presence.Leases.Keys);
    }

    [Fact]
    public void Lease_WhenHeartbeatsAreRarerThanHalfItsTime_IsRenewedAtEach()
    {
        var options = new NodeOptions { LeaseDuration = TimeSpan.FromMinutes(10), Heartbeat = TimeSpan.FromMinutes(4) };

        Assert.NotEmpty(RenewalRules.Renew(_presence, new(), [new(Id, 1)], Start.AddMinutes(3), options).Commands);
    }

    private static NodePresence With(ReplicaState state, DateTimeOffset? jobDeadline = null)
    {
        var lease = new Lease
        {
            Id = Id,
            Request = Guid.Empty,
            Shard = new ShardId(JobId.FromBytes(new byte[16]), 0),
            Node = ShardBench.Node(1),
            Work = default,
            IssuedAt = Start,
            Deadline = Start + Options.LeaseDuration,
        };
        var held = new HeldLease(lease, state, Start)
        {
            JobDeadline = jobDeadline,
            Work = new HeldWork(new ModelRef("m", "1"), default, 1, null) { Bytes = 500 },
        };
        return NodePresence.Away with { Session = Guid.Empty, Leases = ImmutableDictionary<LeaseId, HeldLease>.Empty.Add(Id, held) };
    }

    private ImmutableList<NodeCommand> Fetch(double minute, long bytes)
    {
        var step = RenewalRules.Renew(_presence, new(), [new(Id, 0, bytes)], Start.AddMinutes(minute), Options);
        _presence = step.Presence;
        return step.Commands;
    }

    private ImmutableList<NodeCommand> Beat(double minute, bool grows = true)
    {
        _done += grows ? 1 : 0;
        var step = RenewalRules.Renew(_presence, new(), [new(Id, _done)], Start.AddMinutes(minute), Options);
        _presence = step.Presence;
        return step.Commands;
    }
}
