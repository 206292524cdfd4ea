using PiGrid.Grains.Nodes;
using PiGrid.Protocol;
using PiGrid.Tests.Scheduling;
using PiGrid.Tests.Shards;
using PiGrid.Verification;

namespace PiGrid.Tests.Nodes;

public partial class NodeRulesTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly NodeOptions Options = new();
    private static readonly Guid Session = new(1, 0, 0, new byte[8]);

    private NodePresence _presence = NodePresence.Away;
    private NodeStanding _standing = new()
    {
        Record = new NodeRecord
        {
            Id = ShardBench.Node(1),
            Owner = ShardBench.Owner(1),
            OwnerName = "one",
            PublicKey = [],
            Operator = false,
            EnrolledAt = Start,
        },
    };

    private int _leases;

    [Fact]
    public void Connect_WhenNew_OffersItsSlots()
    {
        Connect();

        Assert.Equal(2, NodeRules.FreeSlots(_presence, _standing));
    }

    [Fact]
    public void Assign_UntilFull_TakesASlotEachAndThenRefuses()
    {
        Connect();

        Assert.NotNull(Assign(1).Lease);
        Assert.NotNull(Assign(2).Lease);
        Assert.Equal(new AssignOutcome { Refused = "the node has no free slot" }, Assign(3).Outcome);
    }

    [Fact]
    public void Assign_WhenItHoldsTheShard_Refuses()
    {
        Connect();
        Assign(1);

        Assert.Contains("this shard", Assign(1).Outcome.Refused, StringComparison.Ordinal);
        Assert.True(Assign(1).Outcome.ForThisShard);
    }

    [Fact]
    public void Assign_WhenAway_Refuses() => Assert.Equal("the node is not connected", Assign(1).Outcome.Refused);

    [Fact]
    public void Assign_WhenTheJobEndsSooner_EndsTheLeaseThen()
    {
        Connect();

        Assert.Equal(Start.AddSeconds(3), Assign(1, deadline: Start.AddSeconds(3)).Lease!.Deadline);
    }

    [Fact]
    public void Assign_WhenAnInputMayTakeLong_LeavesTimeForOneThatTakesTooLongTwice()
    {
        Connect();

        Assert.Equal(Start + Options.LeaseDuration + TimeSpan.FromHours(2), Assign(1, secondsPerInput: 3600).Lease!.Deadline);
    }

    [Fact]
    public void Silence_WhenSuspicious_MakesItsShardsAskForAnotherReplicaUntilItIsHeardAgain()
    {
        Connect();
        Assign(1);
        Do(LeaseRules.Change(_presence, _standing, ShardBench.Lease(1), ReplicaState.Accepted, null, Start));

        var suspected = Do(NodeRules.Suspect(_presence, _standing, Start.AddSeconds(20)));
        Assert.Equal(ReplicaState.Suspected, Assert.Single(suspected.Commands.OfType<NodeCommand.Tell>()).State);
        Assert.Equal(0, NodeRules.FreeSlots(_presence, _standing));
        Assert.Null(NodeRules.SuspectAt(_presence, Options));
        Assert.NotNull(NodeRules.LostAt(_presence, Options));

        var heard = Do(NodeRules.Heartbeat(_presence, _standing, Session, new NodeHeartbeat { FreeSlots = 1 }, Start.AddSeconds(21), Options));
        Assert.Equal(ReplicaState.Accepted, Assert.Single(heard.Commands.OfType<NodeCommand.Tell>()).State);
        Assert.Equal(1, NodeRules.FreeSlots(_presence, _standing));
    }

    [Fact]
    public void Silence_WhenTheClockIsSetForward_IsNoLongerThanTheTimeThatWentBy()
    {
        Connect();
        var set = Start.AddHours(24);

        var heeded = NodeRules.HeedClock(_presence, TimeSpan.FromSeconds(3), set);

        Assert.Equal(set.AddSeconds(-3), heeded.SeenAt);
        Assert.True(NodeRules.SuspectAt(heeded, Options) > set, "It is suspected for the clock's sake.");
        Assert.Same(_presence, NodeRules.HeedClock(_presence, TimeSpan.FromSeconds(3), Start.AddSeconds(3)));
    }

    [Fact]
    public void Tier_WhenItIsAnotherThanTheDispatcherWasTold_IsOffered()
    {
        var step = new NodeStep(_presence, _standing, []);
        Assert.Same(step, NodeRules.TellTier(step, ReputationTier.Trusted));
        var offering = Connect();
        Assert.Same(offering, NodeRules.TellTier(offering, ReputationTier.Trusted));
        _presence = _presence with { TierTold = ReputationTier.Probation };
        step = new NodeStep(_presence, _standing, []);

        Assert.Equal(new NodeCommand.Offer(), Assert.Single(NodeRules.TellTier(step, ReputationTier.Trusted).Commands));
        Assert.Same(step, NodeRules.TellTier(step, ReputationTier.Probation));
        Assert.Equal(ReputationTier.Probation, NodeRules.ToOffer(_presence, _standing)!.Tier);
    }

    [Fact]
    public void Result_WhenItComes_TellsTheDispatcherHowLongItTook()
    {
        Connect();
        Assign(1);
        Do(LeaseRules.Return(_presence, _standing, ShardBench.Lease(1), Start.AddSeconds(3), Options));

        Assert.Equal(TimeSpan.FromSeconds(3), Assert.Single(NodeRules.ToOffer(_presence, _standing)!.Finished).Took);
    }

    [Fact]
    public void Result_WhenItComes_TeachesTheNodesOwnPace()
    {
        Connect();
        Assign(1);
        Do(LeaseRules.Return(_presence, _standing, ShardBench.Lease(1), Start.AddSeconds(2), Options));
        Assign(2);
        Do(LeaseRules.Return(_presence, _standing, ShardBench.Lease(2), Start.AddSeconds(4), Options));

        // Two inputs in two and in four seconds; the newer one weighs a tenth.
        Assert.Equal(new NodePace(new ModelRef("street", "1"), 1_100, 2), Assert.Single(NodeRules.ToStatus(_presence, _standing).Paces));
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(6, 1)]
    public void Cancel_WhenTheReplicaWasSlow_CountsTheTimeUntilThen(int seconds, int counted)
    {
        Connect();
        Assign(1, pace: new ReplicaPace(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5)));
        Do(LeaseRules.Cancel(_presence, _standing, ShardBench.Lease(1), "the shard has its result", Start.AddSeconds(seconds)));

        Assert.Equal(counted, _presence.Finished.Count);
    }

    [Fact]
    public void Heartbeat_WhenPaused_OffersNothing()
    {
        Connect();
        var step = Do(NodeRules.Heartbeat(_presence, _standing, Session, new NodeHeartbeat { FreeSlots = 2, PausedReason = "it is day" }, Start, Options));

        Assert.Equal(0, NodeRules.FreeSlots(_presence, _standing));
        Assert.Contains(step.Commands, c => c is NodeCommand.Offer);
    }

    [Fact]
    public void Heartbeat_WhenNothingChanged_TellsNobody()
    {
        Connect();

        Assert.Empty(NodeRules.Heartbeat(_presence, _standing, Session, new NodeHeartbeat { FreeSlots = 2 }, Start, Options).Commands);
    }

    [Fact]
    public void Lease_WhenItsNodeLeaves_IsDisconnectedAndResumedWhenItComesBack()
    {
        Connect();
        var lease = Assign(1).Lease!;
        var left = Do(NodeRules.Disconnect(_presence, _standing, Session, "cut", Start));
        Assert.Equal(ReplicaState.Disconnected, Assert.Single(left.Commands.OfType<NodeCommand.Tell>()).State);

        var back = Connect(lease);

        Assert.Equal(ReplicaState.Accepted, Assert.Single(back.Commands.OfType<NodeCommand.Tell>()).State);
        Assert.Equal(1, NodeRules.FreeSlots(_presence, _standing));
    }

    [Fact]
    public void Lease_WhenItsNodeComesBackWithoutIt_HasFailed()
    {
        Connect();
        Assign(1);

        Assert.Equal(ReplicaState.Failed, Assert.Single(Connect().Commands.OfType<NodeCommand.Tell>()).State);
        Assert.Empty(_presence.Leases);
    }

    [Fact]
    public void Lease_WhenTheSiloForgotIt_IsTakenBackFromTheNode()
    {
        Connect();
        var lease = Assign(1).Lease!;
        _presence = NodePresence.Away;

        var back = Connect(lease);

        Assert.Equal(lease.Id, Assert.Single(back.Commands.OfType<NodeCommand.Tell>()).Lease);
        Assert.Contains(lease.Id, _presence.Leases.Keys);
    }

    [Fact]
    public void Lease_WhenItsResultIsIn_TakesNoSlotWhenItIsReportedForItsVerdict()
    {
        Connect();
        var lease = Assign(1).Lease!;
        Do(LeaseRules.Return(_presence, _standing, lease.Id, Start, Options));

        var back = Connect(lease);

        Assert.Empty(back.Commands.OfType<NodeCommand.Tell>());
        Assert.Equal(ReplicaState.Returned, _presence.Leases[lease.Id].State);
    }

    [Fact]
    public void Lease_WhenItsRenewalWasLost_IsRenewedAgainWhenItIsReported()
    {
        Connect();
        var lease = Assign(1).Lease!;
        var renewed = lease with { Deadline = lease.Deadline.AddMinutes(5) };
        _presence = _presence with { Leases = _presence.Leases.SetItem(lease.Id, _presence.Leases[lease.Id] with { Lease = renewed }) };

        var back = Connect(lease);

        Assert.Equal(renewed, Assert.Single(back.Commands.OfType<NodeCommand.Renew>()).Lease);
        Assert.Equal(renewed.Deadline, Assert.Single(back.Commands.OfType<NodeCommand.Tell>()).Deadline);
    }

    [Fact]
    public void Heartbeat_WhenItNamesALease_RenewsItInTime()
    {
        Connect();
        var lease = Assign(1).Lease!;
        Do(LeaseRules.Change(_presence, _standing, lease.Id, ReplicaState.Accepted, null, Start));
        var late = lease.Deadline.AddMinutes(-1);

        var step = Do(NodeRules.Heartbeat(_presence, _standing, Session, new NodeHeartbeat { FreeSlots = 1, Leases = [new(lease.Id, 5)] }, late, Options));

        Assert.Equal(late + Options.LeaseDuration, Assert.Single(step.Commands.OfType<NodeCommand.Renew>()).Lease.Deadline);
        Assert.Empty(LeaseRules.Age(_presence, _standing, lease.Deadline, Options).Commands);
    }

    [Fact]
    public void Connect_WhenASessionIsOpen_ClosesTheOlderOne()
    {
        Connect();

        Assert.Contains(Connect().Commands, c => c is NodeCommand.Close);
    }

    [Fact]
    public void Disconnect_OfAnOlderSession_ChangesNothing()
    {
        Connect();

        Assert.Empty(NodeRules.Disconnect(_presence, _standing, Guid.Empty, "old", Start).Commands);
    }

    [Fact]
    public void Lease_WhenItIsNotAcknowledged_Ends()
    {
        Connect();
        Assign(1);
        Assert.Equal(Start + Options.AcceptTimeout, LeaseRules.WakeAt(_presence, Options));

        var step = Do(LeaseRules.Age(_presence, _standing, Start + Options.AcceptTimeout, Options));

        Assert.Equal(ReplicaState.Expired, Assert.Single(step.Commands.OfType<NodeCommand.Tell>()).State);
        Assert.Equal(1, _standing.Tally.Expired);
    }

    [Fact]
    public void Lease_WhenAccepted_LastsToItsDeadline()
    {
        Connect();
        var lease = Assign(1).Lease!;
        Do(LeaseRules.Change(_presence, _standing, lease.Id, ReplicaState.Accepted, null, Start));

        Assert.Equal(lease.Deadline, LeaseRules.WakeAt(_presence, Options));
        Assert.Empty(LeaseRules.Age(_presence, _standing, lease.Deadline.AddTicks(-1), Options).Commands);
    }

    [Fact]
    public void Ban_WhenItHoldsLeases_TakesThemBackAndClosesTheSession()
    {
        Connect();
        Assign(1);
        var step = Do(NodeRules.Ban(_presence, _standing, "lies"));

        Assert.Equal(ReplicaState.Cancelled, Assert.Single(step.Commands.OfType<NodeCommand.Tell>()).State);
        Assert.Contains(step.Commands, c => c is NodeCommand.Close);
        Assert.Equal(NodeState.Banned, NodeRules.ToStatus(_presence, _standing).State);
    }

    [Fact]
    public void Drain_WhenItHoldsLeases_KeepsThemAndOffersNothing()
    {
        Connect();
        Assign(1);
        Do(NodeRules.Drain(_presence, _standing, drain: true, Options));

        Assert.Single(_presence.Leases);
        Assert.Equal(0, NodeRules.FreeSlots(_presence, _standing));
    }

    [Fact]
    public void Order_OfACutModel_TellsOnlyNodesThatKnowSegments()
    {
        var wish = Wishes.Want(0, 1);
        var cut = wish with { Order = wish.Order with { Work = wish.Order.Work with { Segments = new() { Plan = new BlobRef(default, 1), Segments = 4 } } } };
        var profile = Wishes.Offer(1).Profile;

        Assert.Equal(CanonicalJson.Digest(wish.Order), CanonicalJson.Digest(LeaseRules.Fit(cut, profile).Order));
        Assert.Same(cut, LeaseRules.Fit(cut, profile with { Segments = true }));
        Assert.Same(wish, LeaseRules.Fit(wish, profile));
    }

    private NodeStep Do(NodeStep step)
    {
        (_presence, _standing) = (step.Presence, step.Standing);
        return step;
    }

    private NodeStep Connect(params Lease[] reported) => Connect(0, reported);

    private NodeStep Connect(int callsAhead, params Lease[] reported)
    {
        var connection = new NodeConnection
        {
            Session = Session,
            Gateway = null!,
            Profile = new NodeProfile
            {
                AgentVersion = "1",
                Os = "linux",
                Architecture = "x64",
                HardwareClass = "x64",
                Cores = 2,
                MemoryMib = 1024,
                Slots = 2,
                Providers = [],
                Library = "onnxruntime",
                Speed = 1,
                CallsAhead = callsAhead,
            },
            Heartbeat = new NodeHeartbeat { FreeSlots = 2 - reported.Length },
        };
        return Do(NodeRules.Connect(_presence, _standing, connection, reported, Start, Options).Step);
    }

    private (Lease? Lease, AssignOutcome Outcome) Assign(int shard, DateTimeOffset? deadline = null, ReplicaPace? pace = null, double secondsPerInput = 60, bool isCall = false)
    {
        var wish = Wishes.Want(0, shard);
        var limits = wish.Order.Work.Limits with { SecondsPerInput = secondsPerInput };
        var order = wish.Order with { Inputs = [new ShardInput { Index = 0, Blob = new BlobRef(default, 1) }, new ShardInput { Index = 1, Blob = new BlobRef(default, 1) }], Work = wish.Order.Work with { Limits = limits } };
        var request = wish with { Shard = isCall ? Wishes.CallShard(shard) : wish.Shard, Deadline = deadline, Order = order };
        var (step, lease, outcome) = LeaseRules.Assign(_presence, _standing, request, pace, ShardBench.Lease(++_leases), default, Start, Options);
        Do(step);
        return (lease, outcome);
    }
}
