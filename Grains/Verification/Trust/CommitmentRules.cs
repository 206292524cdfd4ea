namespace PiGrid.Grains.Verification.Trust;

/// <summary>When a replica was asked for and when its result was in, in the order of events of its shard; the clock has no part in it.</summary>
/// <param name="IssuedAt">The number of the event by which it was issued.</param>
/// <param name="ArrivedAt">The number of the event by which its result came; later than <paramref name="IssuedAt"/>.</param>
internal readonly record struct Commitment(long IssuedAt, long ArrivedAt);

/// <summary>
/// Which of the results that agree confirm each other. A check is worth something because the first node had to commit itself before anybody knew who comes
/// second. A node that stalls until a hedge has gone out learns whether it went to a friend, and lies only then; so replicas that were out at the same
/// time are one result, however many they are.
/// </summary>
internal static class CommitmentRules
{
    /// <summary>Whether <paramref name="check"/> was issued after <paramref name="first"/> had committed itself.</summary>
    public static bool Confirms(Commitment first, Commitment check) => check.IssuedAt > first.ArrivedAt;

    /// <summary>As how many results, one after the other, those on whom a shard's result rests count.</summary>
    public static int CountOf(IEnumerable<ShardWitness> witnesses) => Count([.. witnesses.Select(witness => new Commitment(witness.AskedAt, witness.ReturnedAt))]);

    /// <summary>
    /// How many results, at most, came each after the one before: what a group of agreeing results counts as. Takes the earliest to arrive, then the earliest of those
    /// issued after it, and so on, which no other choice exceeds.
    /// </summary>
    /// <param name="group">The results that agree, distinct owners, in any order.</param>
    public static int Count(ReadOnlySpan<Commitment> group)
    {
        var (count, last) = (0, long.MinValue);
        while (true)
        {
            var next = long.MaxValue;
            foreach (var result in group)
            {
                if (result.IssuedAt > last && result.ArrivedAt < next)
                {
                    next = result.ArrivedAt;
                }
            }

            if (next == long.MaxValue)
            {
                return count;
            }

            (count, last) = (count + 1, next);
        }
    }
}
