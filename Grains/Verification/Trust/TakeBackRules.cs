namespace PiGrid.Grains.Verification.Trust;

/// <summary>What becomes of an accepted result when somebody that it rests on is not believed any more.</summary>
internal enum TakeBack
{
    /// <summary>It rests on none of them, or an operator node vouches for it.</summary>
    Stands,

    /// <summary>The first to give it is believed, a check of it is void: it counts as checked by the others only; if there are none, as unchecked.</summary>
    Uncounted,

    /// <summary>The first to give it is not believed, somebody who agreed is: it may be an echo, so another owner repeats it at once.</summary>
    CheckAgain,

    /// <summary>Nobody who gave it is believed: the shard is open again, and what it gets next is checked at once.</summary>
    Reopen,
}

/// <summary>
/// A lie that was found says more of its teller than of one shard: every result that rests on the teller falls with it, which is what makes lying dear where
/// only some results are checked. It is taken back by owner, as all nodes of an owner have one will.
/// </summary>
internal static class TakeBackRules
{
    /// <summary>What becomes of one accepted result.</summary>
    /// <param name="distrusted">For each result of the group that agreed, the earliest to arrive first, whether its owner is not believed any more.</param>
    /// <param name="audited">Whether an operator node computed the shard.</param>
    public static TakeBack Of(ReadOnlySpan<bool> distrusted, bool audited)
    {
        var gone = distrusted.Count(true);
        return audited || gone == 0 ? TakeBack.Stands
            : gone == distrusted.Length ? TakeBack.Reopen
            : distrusted[0] ? TakeBack.CheckAgain
            : TakeBack.Uncounted;
    }
}
