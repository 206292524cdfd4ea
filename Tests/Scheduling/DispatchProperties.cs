using PiGrid.Tests.Verification;

namespace PiGrid.Tests.Scheduling;

public class DispatchProperties
{
    [Fact]
    public void Dispatching_InAnyOrderOfEvents_KeepsItsRules() => Dice.Check(300, dice =>
    {
        // Each step checks: no owner twice for a shard, no slot beyond the offer, nobody barred, and no free slot idle that could be used.
        var world = new DispatchWorld(dice);
        for (var i = 0; i < 120; i++)
        {
            world.Step();
        }
    });

    [Fact]
    public void Dispatching_WhenTheSameHappensAgain_DecidesTheSame() => Dice.Check(30, dice =>
    {
        var numbers = dice.Several(200, d => d.Below(int.MaxValue));
        Assert.Equal(Run(numbers), Run(numbers));
    });

    [Fact]
    public void RandomWorlds_PlaceMuch()
    {
        // The properties above would hold of a dispatcher with nothing to do.
        var random = new Random(7);
        var given = Run(Enumerable.Range(0, 2_000).Select(_ => random.Next()).ToArray()).Count(line => line.Contains(" to ", StringComparison.Ordinal));
        Assert.InRange(given, 15, 120);
    }

    private static IReadOnlyList<string> Run(int[] numbers)
    {
        var world = new DispatchWorld(new Dice(numbers));
        for (var i = 0; i < 120; i++)
        {
            world.Step();
        }

        return world.Log;
    }
}
