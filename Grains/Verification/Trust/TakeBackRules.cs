using PiGrid.Verification;

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
    /// <summary>
    /// Who is not believed any more after an operator node has computed a shard: everybody whose result contradicts it, together with those who gave the
    /// same. Who is inconclusive keeps its name.
    /// </summary>
    /// <typeparam name="TOwner">What names an owner.</typeparam>
    /// <param name="results">Owners, and how their results compare with the operator's.</param>
    public static IEnumerable<TOwner> Disproved<TOwner>(IEnumerable<(TOwner Owner, Agreement WithOperator)> results) =>
        results.Where(result => result.WithOperator == Agreement.Disagree).Select(result => result.Owner).Distinct();

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

    /// <summary>The shards of a job to which something happens, in their order. Ask again when somebody else is found by it.</summary>
    /// <typeparam name="TShard">What names a shard.</typeparam>
    /// <typeparam name="TOwner">What names an owner.</typeparam>
    /// <param name="accepted">Accepted shards: the owners that agreed, the earliest to arrive first, and whether an operator node computed it.</param>
    /// <param name="distrusted">The owners that are not believed any more.</param>
    public static IEnumerable<(TShard Shard, TakeBack Outcome)> Affected<TShard, TOwner>(
        IEnumerable<(TShard Shard, IReadOnlyList<TOwner> Agreed, bool Audited)> accepted, IReadOnlySet<TOwner> distrusted)
    {
        foreach (var (shard, agreed, audited) in accepted)
        {
            if (!audited && Of(agreed, distrusted) is var outcome and not TakeBack.Stands)
            {
                yield return (shard, outcome);
            }
        }
    }

    private static TakeBack Of<TOwner>(IReadOnlyList<TOwner> agreed, IReadOnlySet<TOwner> distrusted)
    {
        Span<bool> gone = agreed.Count <= 64 ? stackalloc bool[agreed.Count] : new bool[agreed.Count];
        for (var i = 0; i < gone.Length; i++)
        {
            gone[i] = distrusted.Contains(agreed[i]);
        }

        return Of(gone, audited: false);
    }
}
