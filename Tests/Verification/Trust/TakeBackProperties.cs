using PiGrid.Grains.Verification.Trust;
using PiGrid.Verification;

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

    [Fact]
    public void Disproved_Always_AreThoseWhoContradictTheOperator() => Assert.Equal(
        ["ann", "bob"],
        TakeBackRules.Disproved(
        [
            ("ann", Agreement.Disagree), ("cid", Agreement.Agree), ("bob", Agreement.Disagree), ("eve", Agreement.Inconclusive), ("ann", Agreement.Disagree),
        ]));

    [Fact]
    public void Affected_Always_NamesWhatRestsOnTheDistrustedAndNothingElse() => Dice.Check(300, dice =>
    {
        var accepted = Enumerable.Range(0, dice.Below(30))
            .Select(shard => (Shard: shard, Agreed: (IReadOnlyList<int>)dice.Shuffle(Enumerable.Range(0, 9)).Take(1 + dice.Below(5)).ToArray(), Audited: dice.Once(4)))
            .ToArray();
        var distrusted = Enumerable.Range(0, 9).Where(_ => dice.Once(3)).ToHashSet();
        var affected = TakeBackRules.Affected(accepted, distrusted).ToDictionary(at => at.Shard, at => at.Outcome);

        foreach (var (shard, agreed, audited) in accepted)
        {
            var rests = !audited && agreed.Any(distrusted.Contains);
            Assert.Equal(rests, affected.ContainsKey(shard));
            Assert.Equal(rests && agreed.All(distrusted.Contains), affected.GetValueOrDefault(shard) == TakeBack.Reopen);
            Assert.Equal(rests && !distrusted.Contains(agreed[0]), affected.GetValueOrDefault(shard) == TakeBack.Uncounted);
        }

        // Whoever is distrusted beside them never saves a result.
        var more = TakeBackRules.Affected(accepted, distrusted.Append(dice.Below(9)).ToHashSet()).Select(at => at.Shard);
        Assert.Superset(affected.Keys.ToHashSet(), more.ToHashSet());
    });
}
