using PiGrid.Grains.Jobs;
using PiGrid.Tests.Shards;
using PiGrid.Verification;

namespace PiGrid.Tests.Jobs;

/// <summary>Which delivered results are checked again.</summary>
public class RecheckRulesTests
{
    private static readonly DateTimeOffset Accepted = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("ab", "a", true)]
    [InlineData("ab", "b", false)]
    [InlineData("ab", "ab", true)]
    [InlineData("ab", "c", false)]
    [InlineData("ab", "", false)]
    public void IsShaken_WhenTheFirstIsNotBelieved_Holds(string agreed, string liars, bool shaken)
    {
        var distrusted = liars.Select(Owner).ToHashSet();

        Assert.Equal(shaken, RecheckRules.IsShaken(Outcome(agreed), distrusted));
        Assert.False(RecheckRules.IsShaken(Outcome(agreed) with { Audited = true }, distrusted));
        Assert.False(RecheckRules.IsShaken(Outcome(agreed) with { Accepted = false }, distrusted));
    }

    [Fact]
    public void IsShaken_OfWhatAnOperatorComputed_NeverHolds() => Assert.False(RecheckRules.IsShaken(Outcome(""), new HashSet<OwnerId> { Owner('a') }));

    [Fact]
    public void Distrusted_Always_AreThoseFoundSinceTheJobWasAccepted() => Assert.Equal(
        [Owner('b'), Owner('c')],
        RecheckRules.Distrusted(
            [new FoundOwner(Owner('a'), Accepted.AddTicks(-1)), new(Owner('b'), Accepted), new(Owner('c'), Accepted.AddDays(1)), new(Owner('b'), Accepted.AddDays(2))], Accepted));

    private static OwnerId Owner(char name) => ShardBench.Owner(name);

    private static ShardOutcome Outcome(string agreed) => new()
    {
        Index = 0,
        Accepted = true,
        InputsFailed = 0,
        Replicas = agreed.Length,
        At = Accepted,
        Witnesses = [.. agreed.Select((owner, i) => new ShardWitness(ShardBench.Node(owner), Owner(owner), 0, 2 * i, (2 * i) + 1))],
    };
}
