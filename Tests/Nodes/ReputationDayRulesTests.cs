using PiGrid.Grains.Nodes;
using PiGrid.Verification;

namespace PiGrid.Tests.Nodes;

public sealed class ReputationDayRulesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Note_OnTheSameDay_ReplacesThePoint()
    {
        var days = ReputationDayRules.Note([], Passed(1), Noon);
        days = ReputationDayRules.Note(days, Passed(2), Noon.AddHours(3));

        Assert.Equal((2, Noon.AddHours(3)), (days.Single().Passed, days.Single().At));
    }

    [Fact]
    public void Note_ForLongerThanIsRemembered_KeepsTheNewestDays()
    {
        IReadOnlyList<ReputationDay> days = [];
        for (var day = 0; day < 200; day++)
        {
            days = ReputationDayRules.Note(days, Passed(day), Noon.AddDays(day));
        }

        Assert.Equal(ReputationDayRules.DaysMax, days.Count);
        Assert.Equal((110, 199), (days[0].Passed, days[^1].Passed));
    }

    [Fact]
    public void Note_OfAnOperatorNode_RemembersNothing() => Assert.Empty(ReputationDayRules.Note([], null, Noon));

    [Fact]
    public void IsNews_WhenTheTierHasChanged()
    {
        var days = ReputationDayRules.Note([], Passed(1), Noon);

        Assert.False(ReputationDayRules.IsNews(days, Passed(2)));
        Assert.True(ReputationDayRules.IsNews(days, Passed(2) with { Tier = ReputationTier.Suspended }));
    }

    private static NodeReputation Passed(double passed) => new() { Tier = ReputationTier.Trusted, Passed = passed, Wrong = 0, Errors = 0, Timeouts = 0 };
}
