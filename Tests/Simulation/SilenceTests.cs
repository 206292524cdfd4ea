using PiGrid.Grains.Jobs;
using PiGrid.Grains.Nodes;
using Xunit.Abstractions;

namespace PiGrid.Tests.Simulation;

/// <summary>What the grid promises about nodes that fall silent, in virtual time with the rules' default options.</summary>
public sealed class SilenceTests(ITestOutputHelper output)
{
    private const int Nodes = 1_000;

    [Theory]
    [InlineData(1, null)]
    [InlineData(1, 1.0)]

    // Here a node falls silent that has the replica of another silent one, which is lost meanwhile.
    [InlineData(2, 1.0)]
    public void Shard_WhenItsNodeFallsSilent_HasANewReplicaWithinThreeHeartbeats(int seed, double? heartbeatSeconds)
    {
        var heartbeat = heartbeatSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : new NodeOptions().Heartbeat;

        var times = SilenceRun.Measure((ulong)seed, heartbeat, Nodes, kill: false);

        output.WriteLine($"{times.Count} shards, heartbeat {heartbeat}: median {times[times.Count / 2]}, longest {times[^1]}.");
        Assert.InRange(times.Count, 100, Nodes / 4);
        Assert.InRange(times[^1], TimeSpan.Zero, heartbeat * 3);

        // Not sooner than a node may well pause.
        Assert.InRange(times[0], heartbeat * 1.5, heartbeat * 3);
    }

    [Fact]
    public void Shard_WhenItsNodeFallsSilentOnANetworkThatStutters_HasANewReplicaWithinThreeHeartbeats()
    {
        // Nothing twice: a request that is heard twice gives the shard a second replica, which may be in time already.
        var noise = Noise.None with { CallDelay = TimeSpan.FromMilliseconds(200), LinkDelay = TimeSpan.FromSeconds(1) };

        var times = SilenceRun.Measure(20_261_121, null, Nodes, kill: false, noise);

        Assert.InRange(times.Count, 100, Nodes / 4);
        Assert.InRange(times[^1], TimeSpan.Zero, new NodeOptions().Heartbeat * 3);
    }

    [Fact]
    public void Shard_WhenItsNodesSocketCloses_HasANewReplicaTwoSecondsLater()
    {
        var times = SilenceRun.Measure(20_261_121, null, Nodes, kill: true);

        output.WriteLine($"{times.Count} shards: median {times[times.Count / 2]}, longest {times[^1]}.");
        Assert.InRange(times.Count, 100, Nodes / 4);

        // The way of the news, the grace, and the messages of one dispatch.
        var grace = new JobOptions().DisconnectGrace;
        Assert.Equal(TimeSpan.FromSeconds(2), grace);
        Assert.InRange(times[0], grace, grace + TimeSpan.FromMilliseconds(100));
        Assert.InRange(times[^1], grace, grace + TimeSpan.FromMilliseconds(100));
    }
}
