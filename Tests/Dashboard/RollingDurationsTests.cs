using PiGrid.Silo.Dashboard;

namespace PiGrid.Tests.Dashboard;

public sealed class RollingDurationsTests
{
    private static readonly DateTimeOffset Start = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    private readonly RollingDurations _durations = new();

    [Fact]
    public void At_GivesTheRateOfTheLastTenSecondsAndPercentilesOfTheMinute()
    {
        for (var second = 0; second < 20; second++)
        {
            for (var i = 1; i <= 100; i++)
            {
                _durations.Add(i / 1000.0, Start.AddSeconds(second));
            }
        }

        var view = _durations.At(Start.AddSeconds(20));

        Assert.Equal(100, view.PerSecond);
        Assert.InRange(view.P50Ms!.Value, 45, 55);
        Assert.InRange(view.P95Ms!.Value, 86, 105);
        Assert.InRange(view.P99Ms!.Value, 90, 109);
        Assert.Equal(Enumerable.Repeat(0, 99).Concat(Enumerable.Repeat(100, 20)), view.History);
    }

    [Fact]
    public void At_AfterAWhile_HasForgotten()
    {
        _durations.Add(0.01, Start);

        Assert.NotNull(_durations.At(Start.AddSeconds(30)).P50Ms);
        Assert.Equal(0, _durations.At(Start.AddSeconds(30)).PerSecond);
        Assert.Null(_durations.At(Start.AddSeconds(61)).P50Ms);
        Assert.Equal(0, _durations.At(Start.AddDays(400)).History.Sum());
    }

    [Fact]
    public void Add_WithAClockThatIsSetBack_CountsForTheNewestSecond()
    {
        _durations.Add(0.01, Start);
        _durations.Add(0.01, Start.AddHours(-1));

        Assert.Equal(2, _durations.At(Start.AddSeconds(1)).History[^1]);
    }

    [Fact]
    public void Add_OfAnyDuration_IsCounted()
    {
        foreach (var seconds in new[] { 0, 1e-9, 1e9, double.MaxValue })
        {
            _durations.Add(seconds, Start);
        }

        Assert.Equal(4, _durations.At(Start.AddSeconds(1)).History[^1]);
    }
}
