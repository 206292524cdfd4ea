namespace PiGrid.Tests.Attack;

/// <summary>
/// The rules that others have published, under colluders that always lie where that is allowed to them; small and plain, to show that the simulator says
/// of known rules what is known of them.
/// </summary>
internal static class PublishedRules
{
    private const int TrustedAfter = 10;

    /// <summary>Replicas one after the other until two agree; nobody is ever excluded.</summary>
    public static AttackResult FirstTwo(int nodes, int shards, double share, ulong seed)
    {
        var random = new AttackRandom(seed);
        var bad = (int)Math.Round(nodes * share);
        var wrongBy = new int[nodes];
        var replicas = 0L;
        for (var shard = 0; shard < shards; shard++)
        {
            Vote(ref random, nodes, bad, -1, false, ref replicas, wrongBy);
        }

        return AttackResult.Of(seed, shards, replicas, 0, 0, wrongBy);
    }

    /// <summary>
    /// BOINC's adaptive replication: after ten valid results in a row a node's result is repeated with probability one in their number only; a
    /// result that lost starts at none again.
    /// </summary>
    /// <param name="nodes">Nodes.</param>
    /// <param name="shards">Shards.</param>
    /// <param name="share">Saboteurs' share.</param>
    /// <param name="lieRate">How often they lie.</param>
    /// <param name="untilTrusted">Whether they are honest until they are trusted.</param>
    /// <param name="seed">The seed.</param>
    public static AttackResult Adaptive(int nodes, int shards, double share, double lieRate, bool untilTrusted, ulong seed)
    {
        var random = new AttackRandom(seed);
        var bad = (int)Math.Round(nodes * share);
        var wrongBy = new int[nodes];
        var valid = new int[nodes];
        var replicas = 0L;
        for (var shard = 0; shard < shards; shard++)
        {
            var first = random.Below(nodes);
            var lies = first < bad && (!untilTrusted || valid[first] >= TrustedAfter) && random.Chance(lieRate);
            if (valid[first] >= TrustedAfter && !random.Chance(1.0 / valid[first]))
            {
                replicas++;
                valid[first]++;
                wrongBy[first] += lies ? 1 : 0;
                continue;
            }

            var wrong = Vote(ref random, nodes, bad, first, lies, ref replicas, wrongBy);
            valid[first] = wrong == lies ? valid[first] + 1 : 0;
        }

        return AttackResult.Of(seed, shards, replicas, 0, 0, wrongBy);
    }

    /// <summary>Replicas until two agree. Returns whether the lie won.</summary>
    private static bool Vote(ref AttackRandom random, int nodes, int bad, int first, bool firstLies, ref long replicas, int[] wrongBy)
    {
        var (honest, lies, last) = (0, 0, first);
        if (first >= 0)
        {
            replicas++;
            (honest, lies) = firstLies ? (0, 1) : (1, 0);
        }

        while (honest < 2 && lies < 2)
        {
            var node = random.Below(nodes);
            if (node == last)
            {
                continue;
            }

            replicas++;
            last = node;
            var lie = node < bad && (first < 0 || firstLies);
            (honest, lies) = lie ? (honest, lies + 1) : (honest + 1, lies);
            if (lies == 2)
            {
                wrongBy[node]++;
            }
        }

        return lies == 2;
    }
}
