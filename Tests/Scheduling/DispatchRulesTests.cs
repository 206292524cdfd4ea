using PiGrid.Grains.Scheduling;
using static PiGrid.Tests.Scheduling.Wishes;

namespace PiGrid.Tests.Scheduling;

public class DispatchRulesTests
{
    private readonly Dispatcher _dispatcher = new();

    [Fact]
    public void Replica_WhenANodeIsFree_IsGivenAtOnce()
    {
        _dispatcher.Offer(Offer(1));
        _dispatcher.Want(Want(1, shard: 1));
        _dispatcher.AssertGave((1, 1));
    }

    [Fact]
    public void Replica_WhenNoNodeIsFree_IsGivenToTheFirstThatIs()
    {
        _dispatcher.Offer(Offer(1, free: 0));
        _dispatcher.Want(Want(1, shard: 1));
        Assert.Empty(_dispatcher.Given);

        _dispatcher.Offer(Offer(1, sequence: 2));
        _dispatcher.AssertGave((1, 1));
    }

    [Fact]
    public void EightShardsOfTwo_OnSevenNodes_GiveEveryNodeSomething()
    {
        // With two slots a node, the fastest four could take everything.
        _dispatcher.Offer(Enumerable.Range(1, 7).Select(n => Offer(n, free: 3, speed: 10 * n)).ToArray());
        _dispatcher.Want(Enumerable.Range(0, 16).Select(i => Want(i, shard: i / 2)).ToArray());

        Assert.Equal(16, _dispatcher.Given.Count);
        Assert.All(_dispatcher.Given.GroupBy(g => g.Node), node => Assert.InRange(node.Count(), 2, 3));
        Assert.Equal(7, _dispatcher.Given.Take(7).Select(g => g.Node).Distinct().Count());
    }

    [Fact]
    public void TwoReplicasOfAShard_WhenAskedAtOnce_GoToTwoOwners()
    {
        _dispatcher.Offer(Offer(1, free: 2, owner: 9), Offer(2, owner: 9));
        _dispatcher.Want(Want(1, shard: 1), Want(2, shard: 1), Want(3, shard: 2));
        _dispatcher.AssertGave((1, 1), (3, 2));

        _dispatcher.Offer(Offer(3));
        _dispatcher.AssertGave((1, 1), (3, 2), (2, 3));
    }

    [Fact]
    public void OwnerOfALostReplica_WhenTheShardAllowsItLater_MayHaveAnother()
    {
        _dispatcher.Offer(Offer(1, free: 3));
        _dispatcher.Want(Want(1, shard: 1));
        _dispatcher.Take(1, 1);
        _dispatcher.Now = _dispatcher.Now.AddSeconds(5);
        _dispatcher.Want(Want(2, shard: 1));
        Assert.Single(_dispatcher.Given);

        _dispatcher.Now = _dispatcher.Now.AddSeconds(0.001);
        _dispatcher.Want(Want(3, shard: 1));
        _dispatcher.AssertGave((1, 1), (3, 1));
    }

    [Fact]
    public void Node_WhenItComesFree_TakesTheOldestThatItMayHave()
    {
        _dispatcher.Want(
            Want(1, shard: 1, askedMs: 30), Want(2, shard: 2, askedMs: 10, exceptOwners: [1]), Want(3, shard: 3, askedMs: 20, category: "language"),
            Want(4, shard: 4, askedMs: 15, exceptNodes: [1]));
        _dispatcher.Offer(Offer(1, free: 2));
        _dispatcher.AssertGave((3, 1), (1, 1));
    }

    [Fact]
    public void OwnerOfManyNodes_WhenTheOldestBarIt_TakesTheFirstThatDoesNot()
    {
        _dispatcher.Want(Enumerable.Range(0, 50).Select(i => Want(i, shard: i, askedMs: i, exceptOwners: [9])).ToArray());
        _dispatcher.Want(Want(50, shard: 50, askedMs: 50), Want(51, shard: 51, askedMs: 51));
        _dispatcher.Offer(Offer(1, owner: 9), Offer(2, owner: 9), Offer(3, owner: 9));

        // One that is older than where the owner's search has come to is still found.
        _dispatcher.Want(Want(52, shard: 52, askedMs: 5));
        _dispatcher.AssertGave((50, 1), (51, 2), (52, 3));
    }

    [Theory]
    [InlineData(2048, 4096, true)]
    [InlineData(4096, 4096, true)]
    [InlineData(4097, 4096, false)]
    public void Memory_IsEnoughOrTheReplicaWaits(int needed, int has, bool given)
    {
        _dispatcher.Offer(Offer(1, memoryMib: has));
        _dispatcher.Want(Want(1, shard: 1, memoryMib: needed));
        Assert.Equal(given, _dispatcher.Given.Count == 1);
    }

    [Theory]
    [InlineData(WorkKind.Run, false, false, true)]
    [InlineData(WorkKind.Run, true, false, false)]
    [InlineData(WorkKind.Run, true, true, true)]
    [InlineData(WorkKind.Validate, false, true, false)]
    [InlineData(WorkKind.Validate, true, false, true)]
    public void Work_GoesToTheNodesThatAreForIt(WorkKind kind, bool isOperator, bool operatorNodesRunJobs, bool given)
    {
        var dispatcher = new Dispatcher(new SchedulingOptions { OperatorNodesRunJobs = operatorNodesRunJobs });
        dispatcher.Offer(Offer(1, isOperator: isOperator));
        dispatcher.Want(Want(1, shard: 1, kind: kind));
        Assert.Equal(given, dispatcher.Given.Count == 1);
    }

    [Fact]
    public void OperatorNode_WhenItRunsJobs_ComesAfterVolunteers()
    {
        var dispatcher = new Dispatcher(new SchedulingOptions { OperatorNodesRunJobs = true });
        dispatcher.Offer(Offer(1, isOperator: true, cached: 1, speed: 1e6), Offer(2, slots: 4, speed: 1));
        dispatcher.Want(Want(1, shard: 1));
        dispatcher.AssertGave((1, 2));
    }

    [Fact]
    public void Category_WhenTheVolunteerDoesNotAcceptIt_GoesElsewhere()
    {
        _dispatcher.Offer(Offer(1, categories: ["language"], speed: 1e6), Offer(2, categories: ["language", "vision"], speed: 1));
        _dispatcher.Want(Want(1, shard: 1));
        _dispatcher.AssertGave((1, 2));
    }

    [Fact]
    public void HardwareClass_WhenOneIsRequired_IsKept()
    {
        _dispatcher.Offer(Offer(1, hardwareClass: "arm64", speed: 1e6), Offer(2));
        _dispatcher.Want(Want(1, shard: 1, hardwareClass: "x64"));
        _dispatcher.AssertGave((1, 2));
    }

    [Fact]
    public void Nodes_WhenEquallyBusy_ArePreferredByModelThenSpeedThenRest()
    {
        _dispatcher.Offer(Offer(1, speed: 400), Offer(2, cached: 7, speed: 1), Offer(3, speed: 100), Offer(4, free: 2, slots: 3, cached: 7, speed: 900));
        _dispatcher.Want(Want(1, shard: 1, model: 7), Want(2, shard: 2, model: 7), Want(3, shard: 3, model: 7), Want(4, shard: 4, model: 7));
        _dispatcher.AssertGave((1, 2), (2, 1), (3, 3), (4, 4));
    }

    [Fact]
    public void Nodes_WhenAboutAsFast_TakeTurns()
    {
        _dispatcher.Offer(Offer(1, speed: 101), Offer(2, speed: 100));
        _dispatcher.Want(Want(1, shard: 1));
        _dispatcher.Take(1, 1);
        _dispatcher.Offer(Offer(1, speed: 101, sequence: 2));
        _dispatcher.Want(Want(2, shard: 2));
        _dispatcher.AssertGave((1, 1), (2, 2));
    }

    [Fact]
    public void Request_WhenAskedAgain_IsPlacedOnce()
    {
        _dispatcher.Want(Want(1, shard: 1), Want(1, shard: 1));
        _dispatcher.Offer(Offer(1, free: 2));
        _dispatcher.Want(Want(1, shard: 1));
        _dispatcher.AssertGave((1, 1));
    }

    [Fact]
    public void Request_WhenWithdrawn_IsNotPlaced()
    {
        _dispatcher.Want(Want(1, shard: 1));
        _dispatcher.Withdraw(1);
        _dispatcher.Withdraw(2);
        _dispatcher.Offer(Offer(1));
        Assert.Empty(_dispatcher.Given);
    }

    [Fact]
    public void Request_WhenItsShardForgotIt_IsDropped()
    {
        _dispatcher.Want(Want(1, shard: 1), Want(2, shard: 2));
        _dispatcher.Pass(100);
        _dispatcher.Want(Want(2, shard: 2));
        _dispatcher.Pass(21);
        _dispatcher.Offer(Offer(1, free: 2));
        _dispatcher.AssertGave((2, 1));
    }

    [Fact]
    public void Request_WhenTooManyWait_IsRefusedWithTheReason()
    {
        var dispatcher = new Dispatcher(new SchedulingOptions { WaitingMax = 1 });
        dispatcher.Want(Want(1, shard: 1), Want(2, shard: 2));
        Assert.Contains("Scheduling:WaitingMax", dispatcher.ReasonOf(2), StringComparison.Ordinal);
        Assert.Equal(1, DispatchRules.Backlog(dispatcher.Board).Waiting);
    }

    [Fact]
    public void Backlog_SaysWhatWaitsAndWhyTheOldestDoes()
    {
        _dispatcher.Offer(Offer(1), Offer(2, free: 0, categories: ["vision"]));
        _dispatcher.Want(Want(1, shard: 1, askedMs: 20, memoryMib: 9000), Want(2, shard: 2, askedMs: 10, category: "audio", memoryMib: 9000));

        var backlog = DispatchRules.Backlog(_dispatcher.Board);

        Assert.Equal((2, 1, "it needs 9000 MiB of memory; the largest suitable node has 4096"), (backlog.Waiting, backlog.FreeNodes, backlog.Reason));
    }

    [Fact]
    public void Node_WhoseReplicasTakeLongerThanOthers_ComesAfterThemWhateverItsBenchmark()
    {
        _dispatcher.Offer(Finished(Offer(1, free: 0), seconds: 1, count: 30));
        for (var sequence = 2; sequence < 30; sequence++)
        {
            _dispatcher.Offer(Finished(Offer(2, free: 0, sequence: sequence, speed: 150), seconds: 10, count: 1));
        }

        _dispatcher.Offer(Offer(2, sequence: 99, speed: 150), Offer(1, sequence: 99, speed: 100));
        _dispatcher.Want(Want(1, shard: 1));
        _dispatcher.AssertGave((1, 1));
    }

    [Fact]
    public void Node_WhichWillProbablyLeave_ComesAfterOneThatStays()
    {
        _dispatcher.Offer(Offer(1, speed: 150) with { Stays = 0.2 }, Offer(2, speed: 100) with { Stays = 0.99 });
        _dispatcher.Want(Want(1, shard: 1));
        _dispatcher.AssertGave((1, 2));
    }

    private static NodeOffer Finished(NodeOffer offer, int seconds, int count) => offer with
    {
        Finished = Enumerable.Repeat(new FinishedReplica(Model(0), 1, TimeSpan.FromSeconds(seconds)), count).ToArray(),
    };
}
