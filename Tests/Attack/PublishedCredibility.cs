namespace PiGrid.Tests.Attack;

/// <summary>
/// Sarmenta's credibility with spot-checks and blacklisting ("Sabotage-tolerance mechanisms for volunteer computing systems", 2001), the share of saboteurs
/// given. Passes over all shards give each one more result until its best group reaches the target; a blacklisted node's results are void.
/// </summary>
internal sealed class PublishedCredibility
{
    private const int ResultsMax = 12;
    private readonly int _nodes;
    private readonly int _saboteurs;
    private readonly double _share;
    private readonly double _lieRate;
    private readonly double _checkRate;
    private readonly bool[] _gone;
    private readonly int[] _passed;

    // A result is its node's number, complemented when it is a lie.
    private readonly int[] _results;
    private readonly byte[] _count;
    private AttackRandom _random;
    private long _issued;
    private int _found;

    private PublishedCredibility(int nodes, int shards, double share, double lieRate, double checkRate, ulong seed)
    {
        (_nodes, _share, _lieRate, _checkRate) = (nodes, share, lieRate, checkRate);
        _saboteurs = (int)Math.Round(nodes * share);
        _gone = new bool[nodes];
        _passed = new int[nodes];
        _results = new int[shards * ResultsMax];
        _count = new byte[shards];
        _random = new(seed);
    }

    /// <summary>Runs one.</summary>
    /// <param name="nodes">Nodes.</param>
    /// <param name="shards">Shards.</param>
    /// <param name="share">Saboteurs' share.</param>
    /// <param name="lieRate">How often they lie.</param>
    /// <param name="checkRate">The share of ringers.</param>
    /// <param name="epsilon">One less the credibility that a result must have.</param>
    /// <param name="seed">The seed.</param>
    public static AttackResult Run(int nodes, int shards, double share, double lieRate, double checkRate, double epsilon, ulong seed)
    {
        var rules = new PublishedCredibility(nodes, shards, share, lieRate, checkRate, seed);
        for (var pass = 0; pass < ResultsMax && rules.AskAll(epsilon); pass++)
        {
        }

        return AttackResult.Of(seed, shards, rules._issued, 0, rules._found, rules.WrongBy());
    }

    /// <summary>One that survives k checks is wrong with probability f / ((1 - f) k e) at most, whatever its rate of lying; f at most with none.</summary>
    public static double OfNode(double passed, double saboteurs) =>
        passed < 1 ? 1 - saboteurs : Math.Max(1 - saboteurs, 1 - (saboteurs / ((1 - saboteurs) * passed * Math.E)));

    private Span<int> Of(int shard) => _results.AsSpan(shard * ResultsMax, _count[shard]);

    private bool AskAll(double epsilon)
    {
        var asked = false;
        for (var shard = 0; shard < _count.Length; shard++)
        {
            if (_count[shard] < ResultsMax && Believed(Of(shard), out _) < 1 - epsilon)
            {
                var result = Ask(Of(shard));
                _results[(shard * ResultsMax) + _count[shard]++] = result;
                asked = true;
            }
        }

        return asked;
    }

    private int Ask(ReadOnlySpan<int> before)
    {
        while (true)
        {
            var node = _random.Below(_nodes);
            if (_gone[node])
            {
                continue;
            }

            _issued++;
            if (_random.Chance(_checkRate))
            {
                // The node cannot tell this from work.
                if (node < _saboteurs && _random.Chance(_lieRate))
                {
                    _gone[node] = true;
                    _found++;
                }
                else
                {
                    _passed[node]++;
                }

                continue;
            }

            var lied = before.IndexOfAnyInRange(int.MinValue, -1) >= 0;
            return node < _saboteurs && (lied || (before.IsEmpty && _random.Chance(_lieRate))) ? ~node : node;
        }
    }

    private double Believed(ReadOnlySpan<int> results, out bool lie)
    {
        Span<double> right = [1, 1], wrong = [1, 1];
        var any = false;
        foreach (var result in results)
        {
            var (node, side) = result < 0 ? (~result, 1) : (result, 0);
            if (!_gone[node])
            {
                any = true;
                var credibility = OfNode(_passed[node], _share);
                right[side] *= credibility;
                wrong[side] *= 1 - credibility;
            }
        }

        // With one group only the other's factors are one: no result is both right and wrong.
        var honest = wrong[0] == 1 ? 0 : right[0] * wrong[1];
        var forged = wrong[1] == 1 ? 0 : right[1] * wrong[0];
        var all = honest + forged + (wrong[0] * wrong[1]);
        lie = forged > honest;
        return any ? Math.Max(honest, forged) / all : 0;
    }

    private int[] WrongBy()
    {
        var wrongBy = new int[_nodes];
        for (var shard = 0; shard < _count.Length; shard++)
        {
            Believed(Of(shard), out var lie);
            if (lie)
            {
                wrongBy[~Of(shard)[Of(shard).IndexOfAnyInRange(int.MinValue, -1)]]++;
            }
        }

        return wrongBy;
    }
}
