using PiGrid.Grains.Scheduling;
using static PiGrid.Tests.Scheduling.Wishes;

namespace PiGrid.Tests.Scheduling;

public class QueueReasonsTests
{
    private readonly Dispatcher _dispatcher = new();

    [Fact]
    public void Shard_WhenNoNodeIsConnected_IsToldSo() => AssertSays("no node is connected", Want(1, shard: 1));

    [Fact]
    public void Shard_WhenOnlyTheOperatorsNodeIsThere_IsToldThatNoneIsConnected() =>
        AssertSays("no node is connected", Want(1, shard: 1), Offer(1, isOperator: true));

    [Fact]
    public void Validation_WhenNoOperatorNodeIsThere_IsToldWhatToDo() => AssertSays(
        "no operator node is connected; start one with the operator's node token", Want(1, shard: 1, kind: WorkKind.Validate), Offer(1));

    [Fact]
    public void Shard_WhenNobodyAcceptsTheCategory_IsToldSo() => AssertSays(
        "no connected node accepts the category 'vision'", Want(1, shard: 1), Offer(1, categories: ["language"]), Offer(2, categories: ["audio"]));

    [Fact]
    public void Shard_WhenNoNodeHasTheMemory_IsToldTheLargest() => AssertSays(
        "it needs 4096 MiB of memory; the largest suitable node has 2048",
        Want(1, shard: 1, memoryMib: 4096),
        Offer(1, memoryMib: 1024),
        Offer(2, memoryMib: 2048),
        Offer(3, memoryMib: 9999, categories: ["audio"]));

    [Fact]
    public void Shard_WhenNoNodeHasTheClass_IsToldSo() => AssertSays(
        "results are compared exactly, and no suitable node has the hardware class 'x64-avx512' of the first one",
        Want(1, shard: 1, hardwareClass: "x64-avx512"),
        Offer(1));

    [Fact]
    public void Shard_WhenOwnersAreMissing_IsToldHowMany()
    {
        _dispatcher.Want(Want(2, shard: 1, exceptOwners: [1]));
        AssertSays("2 more nodes of other owners are needed", Want(1, shard: 1, exceptOwners: [1, 7]), Offer(1), Offer(2, owner: 1));
    }

    [Fact]
    public void Shard_WhenOneOwnerIsMissing_IsToldSo() =>
        AssertSays("1 more node of another owner is needed", Want(1, shard: 1, exceptOwners: [1]), Offer(1));

    [Fact]
    public void Shard_WhenAllAreBusy_IsToldHowManyThereAre() =>
        AssertSays("all 2 suitable nodes are busy", Want(1, shard: 1, exceptOwners: [3]), Offer(1, free: 0), Offer(2, free: 0), Offer(3));

    [Fact]
    public void Shard_WhenTheOnlyOneIsBusy_IsToldSo() =>
        AssertSays("the only suitable node is busy", Want(1, shard: 1), Offer(1, free: 0));

    [Fact]
    public void Shard_WhenEveryNodeFailedIt_IsToldThatTheyAreAskedAgain() => AssertSays(
        "the nodes that could run it declined or failed it a moment ago; they are asked again soon", Want(1, shard: 1, exceptNodes: [1]), Offer(1));

    [Fact]
    public void Shard_WhenTheReasonStaysTheSame_IsToldOnce()
    {
        _dispatcher.Want(Want(1, shard: 1));
        _dispatcher.Pass(0.5);
        Assert.Empty(_dispatcher.Told);

        _dispatcher.Pass(0.5);
        _dispatcher.Pass(1);
        _dispatcher.Offer(Offer(1, free: 0));
        _dispatcher.Pass(1);
        _dispatcher.Offer(Offer(1, sequence: 2));
        _dispatcher.Pass(10);

        Assert.Equal(["no node is connected", "the only suitable node is busy", null], _dispatcher.Told.Select(told => told.Reason));
    }

    [Fact]
    public void Shard_WhenItAsksAnewAtOnce_HearsNothingNew()
    {
        _dispatcher.Want(Want(1, shard: 1));
        _dispatcher.Pass(1);
        _dispatcher.Withdraw(1);
        _dispatcher.Want(Want(2, shard: 1));
        _dispatcher.Pass(6);
        _dispatcher.Pass(6);

        Assert.Equal(["no node is connected"], _dispatcher.Told.Select(told => told.Reason));
    }

    [Fact]
    public void Shard_WhenItWantsNothingMore_HearsTheEnd()
    {
        _dispatcher.Want(Want(1, shard: 1));
        _dispatcher.Pass(1);
        _dispatcher.Withdraw(1);
        _dispatcher.Pass(6);

        Assert.Equal(["no node is connected", null], _dispatcher.Told.Select(told => told.Reason));
    }

    [Fact]
    public void Shards_WhenThereAreMany_AreToldInTurns()
    {
        var dispatcher = new Dispatcher(new SchedulingOptions { ExplainedPerPeriodMax = 10 });
        dispatcher.Want(Enumerable.Range(0, 25).Select(i => Want(i, shard: i)).ToArray());

        Assert.Equal([10, 20, 25, 25], Enumerable.Range(0, 4).Select(_ =>
        {
            dispatcher.Pass(1);
            return dispatcher.Told.Count;
        }));
    }

    private void AssertSays(string reason, ReplicaRequest request, params NodeOffer[] offers)
    {
        _dispatcher.Offer(offers);
        _dispatcher.Want(request);
        _dispatcher.Pass(1);
        Assert.Equal(reason, _dispatcher.ReasonOf(1));
        Assert.DoesNotContain(_dispatcher.Given, given => given.Request == request.Id);
    }
}
