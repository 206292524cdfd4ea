using PiGrid.Grains.Nodes;

namespace PiGrid.Tests.Nodes;

public class SilenceRulesTests
{
    private static readonly NodeOptions Options = new() { Heartbeat = TimeSpan.FromSeconds(10), HeartbeatsMissedMax = 3 };

    [Fact]
    public void Suspicion_WhenTheRhythmIsUnknown_ComesBeforeThreeHeartbeatsAreMissed()
    {
        Assert.Equal(TimeSpan.FromSeconds(27), SilenceRules.SuspectAfter(HeartbeatRhythm.Unknown, Options));
        Assert.Equal(TimeSpan.FromSeconds(60), SilenceRules.LostAfter(HeartbeatRhythm.Unknown, Options));
    }

    [Fact]
    public void Suspicion_WhenTheRhythmIsSteady_ComesSoonerThanWhenItStutters()
    {
        var steady = SilenceRules.SuspectAfter(Rhythm(10, 10, 10), Options);
        var stuttering = SilenceRules.SuspectAfter(Rhythm(4, 16, 10), Options);

        Assert.InRange(steady, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(16));
        Assert.InRange(stuttering, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(27));
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(10)]
    [InlineData(1e6)]
    public void Silence_WhateverTheRhythm_StaysWithinItsBounds(double interval)
    {
        var rhythm = Rhythm(interval, interval * 3, interval / 2);

        Assert.InRange(SilenceRules.SuspectAfter(rhythm, Options), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(27));
        Assert.InRange(SilenceRules.LostAfter(rhythm, Options), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));
        Assert.True(SilenceRules.SuspectAfter(rhythm, Options) < SilenceRules.LostAfter(rhythm, Options));
    }

    [Fact]
    public void Suspicion_WhenTheOptionAsksForMoreSurprise_ComesLater()
    {
        var patient = new NodeOptions { Heartbeat = Options.Heartbeat, SuspectPhi = 5 };

        Assert.True(SilenceRules.SuspectAfter(Rhythm(9, 11, 10), patient) > SilenceRules.SuspectAfter(Rhythm(9, 11, 10), Options));
    }

    /// <summary>The rhythm after thirty heartbeats at these intervals in turn.</summary>
    private static HeartbeatRhythm Rhythm(params double[] seconds)
    {
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var rhythm = HeartbeatRhythm.Unknown;
        for (var i = 0; i < 30; i++)
        {
            var next = now.AddSeconds(seconds[i % seconds.Length]);
            rhythm = rhythm.Beat(now, next);
            now = next;
        }

        return rhythm;
    }
}
