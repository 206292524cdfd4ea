using PiGrid.Grains.Scheduling;
using static PiGrid.Tests.Scheduling.Wishes;

namespace PiGrid.Tests.Scheduling;

public class FairnessTests
{
    private readonly Dispatcher _dispatcher = new();
    private readonly Dictionary<Guid, string> _requesters = [];
    private int _offers;

    [Fact]
    public void Requester_WhenAnotherHasFloodedTheGrid_GetsEverySecondReplica()
    {
        Want("flood", from: 0, count: 100);
        Serve(10);
        Want("late", from: 100, count: 10);
        Serve(20);

        Assert.Equal(10, Served().Skip(10).Count(requester => requester == "late"));
        Assert.All(Served().Skip(10).Chunk(2), pair => Assert.Contains("late", pair));
    }

    [Fact]
    public void Requester_WhenItHadNothingWaiting_SavesUpNothing()
    {
        Want("steady", from: 0, count: 100);
        Serve(50);
        Want("idle", from: 100, count: 50);
        Serve(20);

        // Not twenty in a row for the time that it did not use.
        Assert.InRange(Served().Skip(50).Count(requester => requester == "idle"), 10, 11);
    }

    [Fact]
    public void Requester_WhoseReplicasTakeLonger_GetsFewerOfThem()
    {
        Learn(model: 1, seconds: 3);
        Learn(model: 2, seconds: 1);
        Want("long", from: 0, count: 40, model: 1);
        Want("short", from: 40, count: 40, model: 2);
        Serve(40);

        Assert.InRange(Served().Count(requester => requester == "short"), 29, 31);
    }

    [Fact]
    public void Priority_WhenOneRequesterHasSeveral_GoesFirstButTakesNothingFromOthers()
    {
        Want("a", from: 0, count: 4, priority: JobPriority.Low);
        Want("a", from: 4, count: 4);
        Want("a", from: 8, count: 4, priority: JobPriority.High);
        Want("b", from: 12, count: 4, priority: JobPriority.Low);
        Serve(16);

        var given = _dispatcher.Given.Select(g => g.Request).ToArray();
        Assert.Equal(Enumerable.Range(8, 4).Concat(Enumerable.Range(4, 4)).Concat(Enumerable.Range(0, 4)).Select(Request), given.Where(g => Number(g) < 12));
        Assert.Equal(4, given.Take(8).Count(g => Number(g) >= 12));
    }

    private void Want(string requester, int from, int count, JobPriority priority = JobPriority.Normal, int model = 1) => _dispatcher.Want(
        Enumerable.Range(from, count).Select(i => OfModel(model, Wishes.Want(i, shard: i, askedMs: i, requester: requester, priority: priority))).ToArray());

    /// <summary>One slot becomes free that many times.</summary>
    private void Serve(int times)
    {
        for (var i = 0; i < times; i++)
        {
            var before = _dispatcher.Given.Count;
            _dispatcher.Offer(Offer(1, sequence: ++_offers));
            Assert.Equal(before + 1, _dispatcher.Given.Count);
            _dispatcher.On(new DispatchEvent.Assigned(Node(1), _dispatcher.Given[^1].Request));
        }
    }

    private void Learn(int model, int seconds) => _dispatcher.Offer(Offer(1, free: 0, sequence: ++_offers) with
    {
        Finished = Enumerable.Repeat(new FinishedReplica(Model(model), 0, TimeSpan.FromSeconds(seconds)), 30).ToArray(),
    });

    private IEnumerable<string> Served() => _dispatcher.Given.Select(g => _requesters[g.Request]);

    private ReplicaRequest OfModel(int model, ReplicaRequest request)
    {
        _requesters[request.Id] = request.Requester;
        return request with { Order = request.Order with { Work = request.Order.Work with { Manifest = new BlobRef(Model(model), 1) } } };
    }

    private static int Number(Guid request) => BitConverter.ToInt32(request.ToByteArray());
}
