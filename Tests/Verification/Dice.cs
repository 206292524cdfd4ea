using FsCheck;
using FsCheck.Fluent;

namespace PiGrid.Tests.Verification;

/// <summary>
/// Turns the numbers that FsCheck generates into choices, so that a failing case shrinks to fewer and smaller numbers. When they run out, further
/// choices follow from them.
/// </summary>
internal sealed class Dice(int[] numbers)
{
    private int _at;
    private uint _state = 2463534242;

    /// <summary>A number from 0 to <paramref name="below"/> - 1.</summary>
    public int Below(int below)
    {
        var number = _at < numbers.Length ? unchecked((uint)numbers[_at++]) : 0;
        _state = unchecked((_state ^ (_state << 13)) * 1664525 + number);
        return (int)((_at < numbers.Length ? number : _state >> 8) % (uint)below);
    }

    /// <summary>True once in <paramref name="times"/>.</summary>
    public bool Once(int times) => Below(times) == 0;

    /// <summary>One of these.</summary>
    public T OneOf<T>(params T[] values) => values[Below(values.Length)];

    /// <summary>That many values.</summary>
    public T[] Several<T>(int count, Func<Dice, T> make) => Enumerable.Range(0, count).Select(_ => make(this)).ToArray();

    /// <summary>The values in another order.</summary>
    public T[] Shuffle<T>(IEnumerable<T> values)
    {
        var shuffled = values.ToArray();
        for (var i = shuffled.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (shuffled[i], shuffled[j]) = (shuffled[j], shuffled[i]);
        }

        return shuffled;
    }

    /// <summary>Checks a property of whatever the dice give; a failure shows the numbers and FsCheck's seed.</summary>
    public static void Check(int cases, Action<Dice> property) =>
        Prop.ForAll<int[]>(numbers => property(new Dice(numbers)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(cases).WithEndSize(200));
}
