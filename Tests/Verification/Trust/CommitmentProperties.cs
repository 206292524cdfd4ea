using PiGrid.Grains.Verification.Trust;

namespace PiGrid.Tests.Verification.Trust;

/// <summary>Only results that came one after the other confirm each other.</summary>
public class CommitmentProperties
{
    [Fact]
    public void Count_WhenReplicasWereOutTogether_IsOne()
    {
        // The first stalled until its hedge had gone out, whichever then answered first.
        Assert.Equal(1, CommitmentRules.Count([new(0, 9), new(1, 2)]));
        Assert.Equal(1, CommitmentRules.Count([new(0, 2), new(1, 9)]));
        Assert.Equal(2, CommitmentRules.Count([new(0, 9), new(1, 2), new(10, 11)]));
        Assert.Equal(2, CommitmentRules.Count([new(0, 1), new(2, 3)]));
        Assert.Equal(0, CommitmentRules.Count([]));
    }

    [Fact]
    public void Confirms_WhenIssuedByTheEventOfTheArrival_IsNot()
    {
        Assert.True(CommitmentRules.Confirms(new(0, 1), new(2, 3)));
        Assert.False(CommitmentRules.Confirms(new(0, 2), new(2, 3)));
        Assert.False(CommitmentRules.Confirms(new(2, 3), new(0, 1)));
    }

    [Fact]
    public void Count_Always_IsTheLongestChain() => Dice.Check(400, dice =>
    {
        var group = dice.Several(dice.Below(8), d =>
        {
            var issued = d.Below(20);
            return new Commitment(issued, issued + 1 + d.Below(8));
        });
        var count = CommitmentRules.Count(group);

        Assert.Equal(Longest(group, long.MinValue), count);
        Assert.Equal(count, CommitmentRules.Count(dice.Shuffle(group)));
        Assert.InRange(CommitmentRules.Count([.. group, new(5, 6)]), count, count + 1);
    });

    private static int Longest(Commitment[] group, long after) =>
        group.Where(result => result.IssuedAt > after).Select(result => 1 + Longest(group, result.ArrivedAt)).DefaultIfEmpty(0).Max();
}
