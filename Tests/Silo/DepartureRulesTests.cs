using PiGrid.Silo.Startup;

namespace PiGrid.Tests.Silo;

/// <summary>Which silo wakes what another one left.</summary>
public class DepartureRulesTests
{
    [Theory]
    [InlineData("1:A 2:A 3:A", "1:A 2:G 3:A", 1, "2")]
    [InlineData("1:A 2:A 3:A", "1:A 2:G 3:A", 3, "")]
    [InlineData("1:A 2:A 3:A", "1:G 2:A 3:A", 2, "1")]
    [InlineData("1:A 2:A 3:A", "1:G 2:A 3:G", 2, "1 3")]
    [InlineData("1:L 2:A", "1:G 2:A", 2, "1")]
    [InlineData("1:A 2:A", "1:L 2:A", 2, "")]
    [InlineData("1:G 2:A", "1:G 2:A", 2, "")]
    [InlineData("1:J 2:A", "1:G 2:A", 2, "")]
    [InlineData("2:A", "1:G 2:A", 2, "")]
    [InlineData("1:A 2:A 3:A", "1:J 2:G 3:A", 3, "2")]
    [InlineData("1:A 2:A", "1:G 2:L", 2, "")]
    [InlineData("1:A 2:A", "1:G 2:G", 2, "")]
    public void Departure_WhenSeen_IsTheFirstActiveSilosToActUpon(string before, string now, int self, string expected) =>
        Assert.Equal(expected, string.Join(' ', DepartureRules.ToResume(Parse(before), Parse(now), self)));

    private static Dictionary<int, MemberState> Parse(string members) => members.Split(' ').ToDictionary(
        member => member[0] - '0',
        member => member[2] switch { 'A' => MemberState.Active, 'L' => MemberState.Leaving, 'G' => MemberState.Gone, _ => MemberState.Joining });
}
