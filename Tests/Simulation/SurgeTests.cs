using PiGrid.Grains.Admission;
using Xunit.Abstractions;

namespace PiGrid.Tests.Simulation;

/// <summary>Twenty times as many jobs, or nodes, as the grid is used to: it queues, and sends away with a time what it cannot queue.</summary>
public sealed class SurgeTests(ITestOutputHelper output)
{
    private const int Nodes = 20, OpenMax = 100, ShardsOfJob = 4;
    private static readonly TimeSpan Phase = TimeSpan.FromMinutes(10);

    [Fact]
    public void Grid_WhenTwentyTimesAsManyJobsCome_QueuesAndEndsAllThatItTook()
    {
        var phases = Run(ofNodes: false);

        // The grid was half used: in the surge it does more, not less, and goes on doing so until the queue is empty.
        Assert.True(phases[1].EndedAnHour > 1.5 * phases[0].EndedAnHour, "The surge lowers what the grid does.");
        Assert.True(phases[2].EndedAnHour >= phases[0].EndedAnHour, "The grid does not recover.");
        Assert.Equal(0, phases[0].SentAway);
        Assert.True(phases[1].SentAway > 0, "Nobody was sent away.");
        Assert.All(phases, phase => Assert.InRange(phase.OpenMax, 0, OpenMax));
        Assert.All(phases, phase => Assert.InRange(phase.WaitingMax, 0, OpenMax * ShardsOfJob));
        Assert.Equal(phases.Sum(p => p.Asked - p.SentAway), phases.Sum(p => p.Ended));
    }

    [Fact]
    public void Grid_WhenTwentyTimesAsManyNodesConnectAtOnce_GoesOnAsBefore()
    {
        var phases = Run(ofNodes: true);

        Assert.InRange(phases[1].EndedAnHour, 0.9 * phases[0].EndedAnHour, double.MaxValue);
        Assert.All(phases, phase => Assert.Equal(0, phase.SentAway));
        Assert.Equal(phases.Sum(p => p.Asked), phases.Sum(p => p.Ended));
    }

    private IReadOnlyList<SurgePhase> Run(bool ofNodes)
    {
        var admission = new AdmissionOptions { OpenJobsMax = OpenMax, OpenJobsPerRequesterMax = OpenMax };
        var phases = SurgeRun.Of(20_261_121, Nodes, admission, Phase, ofNodes);
        foreach (var phase in phases)
        {
            output.WriteLine(phase.ToString());
        }

        return phases;
    }
}
