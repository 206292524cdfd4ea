using PiGrid.Grains.Verification.Trust;

namespace PiGrid.Tests.Verification.Trust;

/// <summary>What falls with a node that was found.</summary>
public class TakeBackProperties
{
    [Theory]
    [InlineData("", TakeBack.Stands)]
    [InlineData("a", TakeBack.CheckAgain)]
    [InlineData("b", TakeBack.Uncounted)]
    [InlineData("ab", TakeBack.CheckAgain)]
    [InlineData("abc", TakeBack.Reopen)]
    [InlineData("bc", TakeBack.Uncounted)]
    internal void Of_AGroupOfThree_DependsOnWhoWasFirst(string gone, TakeBack outcome)
    {
        bool[] distrusted = [gone.Contains('a'), gone.Contains('b'), gone.Contains('c')];

        Assert.Equal(outcome, TakeBackRules.Of(distrusted, audited: false));
        Assert.Equal(TakeBack.Stands, TakeBackRules.Of(distrusted, audited: true));
    }

    [Fact]
    public void Of_OneResult_OpensItsShard() => Assert.Equal(TakeBack.Reopen, TakeBackRules.Of([true], audited: false));
}
