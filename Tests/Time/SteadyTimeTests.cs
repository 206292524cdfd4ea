using PiGrid.Grains.Time;

namespace PiGrid.Tests.Time;

public sealed class SteadyTimeTests
{
    private readonly Clock _clock = new();

    [Fact]
    public void Time_WhenTheClockRuns_IsTheClocks()
    {
        var steady = new SteadyTime(_clock);
        _clock.Pass(TimeSpan.FromSeconds(3));
        Assert.Equal(_clock.Wall, steady.GetUtcNow());
    }

    [Fact]
    public void Time_WhenTheClockIsSetBack_GoesOn()
    {
        var steady = new SteadyTime(_clock);
        var before = steady.GetUtcNow();
        _clock.Wall -= TimeSpan.FromHours(1);
        _clock.Pass(TimeSpan.FromSeconds(3));
        Assert.Equal(before + TimeSpan.FromSeconds(3), steady.GetUtcNow());
        _clock.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(before + TimeSpan.FromSeconds(5), steady.GetUtcNow());
    }

    [Fact]
    public void Time_WhenTheClockIsSetForward_FollowsIt()
    {
        var steady = new SteadyTime(_clock);
        _clock.Wall += TimeSpan.FromHours(1);
        Assert.Equal(_clock.Wall, steady.GetUtcNow());
    }

    [Fact]
    public void Time_WhenTheClockHasCaughtUp_IsTheClocksAgain()
    {
        var steady = new SteadyTime(_clock);
        _clock.Wall -= TimeSpan.FromMinutes(1);
        _ = steady.GetUtcNow();
        _clock.Wall += TimeSpan.FromMinutes(2);
        Assert.Equal(_clock.Wall, steady.GetUtcNow());
    }

    private sealed class Clock : TimeProvider
    {
        private long _stamp;

        public DateTimeOffset Wall { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Pass(TimeSpan time)
        {
            Wall += time;
            _stamp += time.Ticks;
        }

        public override DateTimeOffset GetUtcNow() => Wall;

        public override long GetTimestamp() => _stamp;
    }
}
