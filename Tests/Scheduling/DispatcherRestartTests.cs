using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using PiGrid.Grains.Scheduling;
using PiGrid.Protocol;
using PiGrid.Tests.Silo;
using PiGrid.Verification;

namespace PiGrid.Tests.Scheduling;

/// <summary>
/// A dispatcher stores nothing: one that starts while nodes are connected and shards wait knows of neither. Here it is let go whenever it idles for a
/// moment, which in a grid takes a crash.
/// </summary>
public sealed class DispatcherRestartTests : IAsyncLifetime
{
    private readonly LogLines _log = new();
    private readonly ReplicaRequest _request = Wishes.Want(1, shard: 1);
    private TestSilo _silo = null!;
    private TestNode _node = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync(
            services =>
            {
                services.AddSingleton(_log.ToProvider());
                services.Configure<GrainCollectionOptions>(options =>
                {
                    options.CollectionQuantum = TimeSpan.FromMilliseconds(50);
                    options.ClassSpecificCollectionAge[typeof(DispatcherGrain).FullName!] = TimeSpan.FromMilliseconds(200);
                });
            },
            "--Logging:LogLevel:PiGrid.Grains.Scheduling.DispatcherGrain=Information",
            "--Scheduling:ExplainPeriod=00:10:00",
            "--Jobs:AskAgain=00:00:01");
        _node = await TestNode.EnrolledAsync(_silo);
    }

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        await _silo.DisposeAsync();
    }

    [Fact]
    public async Task Dispatcher_WhenItStartsWhileNodesAreConnected_AsksThemForTheirOffers()
    {
        var (socket, _) = await _node.ConnectAsync();
        await _log.WaitAsync("The dispatcher started");
        await _log.WaitAsync("The dispatcher stops");

        await _silo.Grains.GetGrain<IDispatcherGrain>(DispatcherPartitions.KeyOf(_request.Order.Work.Model)).Want(_request);

        Assert.Equal(_request.Shard, (await AssignedAsync(socket)).Lease.Lease.Shard);
        await _log.WaitAsync("asked 1 nodes");
    }

    [Fact]
    public async Task Shard_WhenItsDispatcherForgotIt_AsksAgain()
    {
        await _silo.Grains.GetGrain<IShardGrain>(_request.Shard.Value).Open(new ShardSpec
        {
            Id = _request.Shard,
            Inputs = new[] { new ShardInput { Index = 0, Blob = new BlobRef(Sha256.Of("input"u8), 5) } },
            Work = _request.Order.Work,
            Policy = VerificationPolicy.None,
            Comparator = new Comparator { Kind = ComparatorKind.Exact },
        });
        await _log.WaitAsync("The dispatcher stops");

        var (socket, _) = await _node.ConnectAsync();

        Assert.Equal(_request.Shard, (await AssignedAsync(socket)).Lease.Lease.Shard);
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
