using PiGrid.Grains.Nodes;

namespace PiGrid.Tests.Nodes;

public class AvailabilityRulesTests
{
    // A Monday.
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Stays_WhenNothingIsKnown_IsThatOfVolunteersAtLarge()
    {
        Assert.Equal(Math.Exp(-1 / 15.6), AvailabilityRules.Stays(new NodeHistory(), Start, TimeSpan.FromHours(1)), 3);
        Assert.Equal(1, AvailabilityRules.Stays(new NodeHistory(), Start, TimeSpan.Zero));
    }

    [Fact]
    public void Stays_OfANightOnlyNode_IsHighInTheNightAndLowBeforeTheMorning()
    {
        // Connected from 22 to 7 h, four weeks long.
        var history = Nights(28);

        Assert.True(AvailabilityRules.Stays(history, Start.AddHours(1), TimeSpan.FromHours(4)) > 0.7);
        Assert.True(AvailabilityRules.Stays(history, Start.AddHours(6.5), TimeSpan.FromHours(1)) < 0.65);
        Assert.True(AvailabilityRules.Stays(history, Start.AddHours(1), TimeSpan.FromHours(1)) > AvailabilityRules.Stays(new NodeHistory(), Start, TimeSpan.FromHours(1)));
    }

    [Fact]
    public void Stays_OverALongerTime_IsNeverMoreProbable()
    {
        var history = Nights(3);
        var before = 1.0;
        for (var minutes = 0; minutes < 2_000; minutes += 17)
        {
            var stays = AvailabilityRules.Stays(history, Start.AddHours(20), TimeSpan.FromMinutes(minutes));
            Assert.InRange(stays, 0, before);
            before = stays;
        }
    }

    [Fact]
    public void Shares_OfANightOnlyNode_ShowItsNights()
    {
        var shares = AvailabilityRules.Shares(Nights(14));

        Assert.Equal(AvailabilityRules.Hours, shares.Count);
        Assert.All(Enumerable.Range(0, 24), hour => Assert.Equal(hour is < 7 or >= 22 ? 1 : 0, shares[24 + hour]));
        Assert.Empty(AvailabilityRules.Shares(new NodeHistory()));
    }

    [Fact]
    public void Look_WhenTheSiloWasDown_DoesNotCountThatTime()
    {
        var history = AvailabilityRules.Look(new NodeHistory(), wasConnected: false, Start, Start);
        history = AvailabilityRules.Look(history, wasConnected: true, Start, Start.AddHours(2));
        history = AvailabilityRules.Look(history, wasConnected: false, since: Start.AddHours(10), Start.AddHours(12));

        Assert.Equal((1, 0), (history.Connected[1], history.Known[3]));
        Assert.Equal((1, 0), (history.Known[11], history.Connected[11]));
    }

    [Fact]
    public void Look_WhenTheClockWasSetBack_CountsNothingTwice()
    {
        var history = AvailabilityRules.Look(new NodeHistory(), wasConnected: false, Start, Start);
        history = AvailabilityRules.Look(history, wasConnected: true, Start, Start.AddHours(2));
        var later = AvailabilityRules.Look(history, wasConnected: true, Start, Start.AddHours(1));

        Assert.Equal(history.Until, later.Until);
        Assert.Equal(2, later.Connected.Sum());
    }

    [Fact]
    public void Look_WhenHabitsChange_ForgetsTheOldOnes()
    {
        var history = Nights(28);
        for (var day = 28; day < 28 + 70; day++)
        {
            history = AvailabilityRules.Look(history, wasConnected: true, Start, Start.AddDays(day + 1));
        }

        Assert.All(AvailabilityRules.Shares(history), share => Assert.InRange(share, 0.85, 1));
        Assert.True(AvailabilityRules.Stays(history, Start.AddHours(6.5), TimeSpan.FromHours(1)) > 0.9);
    }

    private static NodeHistory Nights(int days)
    {
        var history = AvailabilityRules.Look(new NodeHistory(), wasConnected: false, Start, Start);
        for (var day = 0; day < days; day++)
        {
            history = AvailabilityRules.Look(history, wasConnected: true, Start, Start.AddDays(day).AddHours(7));
            history = AvailabilityRules.Drop(history, Start.AddDays(day).AddHours(7).AddTicks(-1));
            history = AvailabilityRules.Look(history, wasConnected: false, Start, Start.AddDays(day).AddHours(22));
            history = AvailabilityRules.Look(history, wasConnected: true, Start, Start.AddDays(day + 1));
        }

        return history;
    }
}
