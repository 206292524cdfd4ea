using System.Net.WebSockets;
using PiGrid.NodeAgent.Session;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace PiGrid.Tests.Silo;

/// <summary>Every node of a grid comes back at once, as after a restart of its silo.</summary>
public sealed class ReconnectTests(ITestOutputHelper output)
{
    private const int Nodes = 300, HandshakesMax = 50, AttemptsMax = 12;

    [Fact]
    public async Task Nodes_WhenAllReconnectAtOnceToASiloThatTakesFewAtATime_AreAllInAndWorkGoesOn()
    {
        await using var silo = await TestSilo.StartAsync($"--Gateway:HandshakesMax={HandshakesMax}");
        await using var validator = await TestWorker.StartAsync(silo, silo.Bootstrap.OperatorNodeToken);
        await DigestModel.PublishAsync(silo);
        var nodes = Enumerable.Range(0, Nodes).Select(_ => new TestNode(silo)).ToArray();
        await Parallel.ForEachAsync(nodes, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (node, _) => await node.EnrolAsync(silo.Bootstrap.EnrolmentToken!));
        await silo.StopAsync();
        await silo.StartAgainAsync();

        var again = nodes.Select(node => new TestNode(silo, node.Key)).ToArray();
        var refused = 0;
        var welcomes = await Task.WhenAll(again.Select(async node =>
        {
            for (var failures = 1; ; failures++)
            {
                try
                {
                    return (await node.ConnectAsync()).Welcome;
                }
                catch (Exception e) when (e is WebSocketException or XunitException && failures < AttemptsMax)
                {
                    Interlocked.Increment(ref refused);

                    // As the agent waits.
                    await Task.Delay(BackOff.Default.After(failures, Random.Shared.NextDouble()));
                }
            }
        }));

        output.WriteLine($"{refused} handshakes were refused on the way.");
        Assert.Equal(Nodes, welcomes.Select(w => w.Session).Distinct().Count());
        Assert.InRange(silo.Services.GetService(typeof(PiGrid.Silo.Gateway.SessionTable)) is PiGrid.Silo.Gateway.SessionTable table ? table.Count : 0, Nodes, Nodes + 1);
        using var ready = await silo.Http.GetAsync("/health/ready");
        Assert.True(ready.IsSuccessStatusCode);
        foreach (var node in nodes.Concat(again))
        {
            await node.DisposeAsync();
        }
    }
}
