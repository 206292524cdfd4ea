namespace PiGrid.Grains.Verification.Trust;

/// <summary>
/// How much more to check. A job's results are delivered when the share of them expected to be wrong is at most epsilon; until then, shards with one
/// result get a second one, drawn at random so that no node can know which. A saboteur that is found takes all its results along, and every
/// shard that it had a part in is done again: so with each check the share of wrong results falls for all results of those that passed.
/// </summary>
internal static class RiskRules
{
    // What a job of any size has to rule out before it is delivered, its spot checks and its end do as well: half of it is enough to see early who lies.
    private const double UnseenAhead = 2;

    /// <summary>
    /// The share of saboteurs among the nodes that still work, at most: as many as the rules are meant for, less those found. Evidence cannot lower it further, as
    /// saboteurs that hardly lie are hardly found, and still confirm each other. When more were found than that, they come back, or more are about.
    /// </summary>
    public static double Saboteurs(int found, int nodes, TrustOptions options)
    {
        if (nodes <= found)
        {
            return 0.5;
        }

        var left = ((options.SaboteursMax * nodes) - found) / (nodes - found);
        var beyond = (found / (double)nodes) - options.SaboteursMax;
        return Math.Clamp(Math.Max(left, beyond), options.SaboteursMin, 0.5);
    }

    /// <summary>The chance that a result which nobody repeated is wrong. A check by a saboteur finds nothing, which is why failures seen are divided.</summary>
    /// <param name="hazard">The share of failed checks among such nodes.</param>
    /// <param name="saboteurs">The share of saboteurs.</param>
    public static double Solo(double hazard, double saboteurs) => Math.Min(1, hazard / (1 - saboteurs));

    /// <summary>How many more of a job's shards to check before it is looked at again; 0 when it may be delivered.</summary>
    /// <param name="expectedWrong">Results expected to be wrong, over all shards.</param>
    /// <param name="shards">Shards.</param>
    /// <param name="unchecked">Shards with one result.</param>
    /// <param name="options">The target.</param>
    public static int NextChecks(double expectedWrong, int shards, int @unchecked, TrustOptions options) =>
        expectedWrong * options.Safety <= options.Epsilon * shards
            ? 0
            : Math.Min(@unchecked, Math.Max(1, (int)(options.RoundShare * shards)));

    /// <summary>
    /// The share of a node's batch results that are repeated at once; 0 to 1. The sooner a saboteur goes, the less it did that has to be done again: so a job
    /// begins with checks that it needs in any case, and goes on with them where something failed; but what the checks still to come will rule out has not to
    /// be ruled out now.
    /// </summary>
    /// <param name="passed">Checks that the node has passed.</param>
    /// <param name="ledger">What was seen of results of one owner.</param>
    /// <param name="options">The target.</param>
    public static double BatchRate(int passed, CheckLedger ledger, TrustOptions options)
    {
        if (passed < options.ProbationChecks)
        {
            return 1;
        }

        var (most, seen) = (ledger.Hazard(passed), ledger.Seen(passed));
        var rate = Math.Max(options.SpotCheckRate, 1 - (UnseenAhead * options.Epsilon / most));
        return seen <= 0 ? rate : Math.Max(rate, 1 - (options.Ahead * options.Epsilon / seen));
    }

    /// <summary>
    /// The share of a node's online answers that wait for a second one; 0 to 1. An answer cannot be taken back, so when many of what was checked
    /// lately was wrong, so much is checked that what is left stays below the target.
    /// </summary>
    /// <param name="passed">Checks that the node has passed.</param>
    /// <param name="hazard">The share of failed checks among such nodes, lately.</param>
    /// <param name="options">The target.</param>
    public static double OnlineRate(int passed, double hazard, TrustOptions options) =>
        passed < options.ProbationChecks ? 1
        : hazard <= 0 ? options.OnlineCheckRate
        : Math.Clamp(1 - (options.OnlineEpsilon / hazard), options.OnlineCheckRate, 1);
}
