using System.Net.WebSockets;
using PiGrid.Grains.Scheduling;
using PiGrid.Protocol;
using PiGrid.Tests.Silo;

namespace PiGrid.Tests.Scheduling;

/// <summary>The rules at work in a silo: what a shard wants reaches a connected node, and what cannot be placed says why.</summary>
public sealed class DispatcherGrainTests : IAsyncLifetime
{
    private readonly ReplicaRequest _request = Wishes.Want(1, shard: 1);
    private TestSilo _silo = null!;
    private TestNode _node = null!;
    private IDispatcherGrain _dispatcher = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync();
        _node = await TestNode.EnrolledAsync(_silo);
        _dispatcher = _silo.Grains.GetGrain<IDispatcherGrain>(DispatcherPartitions.KeyOf(_request.Order.Work.Model));

        // One-way messages to a grain that is not active yet may overtake each other.
        await _dispatcher.GetBacklog();
    }

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        await _silo.DisposeAsync();
    }

    [Fact]
    public async Task Replica_WhenItWaitsForANode_IsGivenToTheOneThatConnects()
    {
        await _dispatcher.Want(_request);
        var backlog = await _dispatcher.GetBacklog();
        Assert.Equal((1, 0, "no node is connected"), (backlog.Waiting, backlog.FreeNodes, backlog.Reason));

        var (socket, _) = await _node.ConnectAsync();
        var assignment = await AssignedAsync(socket);

        Assert.Equal(_request.Shard, assignment.Lease.Lease.Shard);
        Assert.Equal(_node.Id, assignment.Lease.Lease.Node);
        Assert.Equal(0, (await _dispatcher.GetBacklog()).Waiting);
    }

    [Fact]
    public async Task Replica_WhenANodeWaits_IsGivenAtOnce()
    {
        var (socket, _) = await _node.ConnectAsync();
        await _dispatcher.Want(_request);

        Assert.Equal(_request.Shard, (await AssignedAsync(socket)).Lease.Lease.Shard);
    }

    [Fact]
    public async Task Replica_WhenWithdrawn_WaitsNoLonger()
    {
        await _dispatcher.Want(_request);
        await _dispatcher.Withdraw(new[] { _request.Id });
        var backlog = await _dispatcher.GetBacklog();
        Assert.Equal((0, null), (backlog.Waiting, backlog.Reason));
    }

    private static async Task<Assignment> AssignedAsync(ClientWebSocket socket)
    {
        while (await TestNode.ReceiveAsync(socket) is { } message)
        {
            if (message is AssignMessage assign)
            {
                return assign.Assignment;
            }
        }

        throw new InvalidOperationException("The silo closed the session.");
    }
}
