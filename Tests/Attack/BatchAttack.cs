using PiGrid.Grains.Verification.Trust;

namespace PiGrid.Tests.Attack;

/// <summary>
/// A batch job under attack. A shard is three numbers: its first node, its second (or none), and what they did; more than two results are never kept,
/// because a disagreement goes to an operator node, which ends it.
/// </summary>
internal sealed class BatchAttack
{
    private const byte FirstLied = 1;
    private const byte SecondLied = 2;
    private const byte Audited = 4;
    private readonly TrustOptions _options;
    private readonly AttackNodes _nodes;
    private readonly CheckLedger _ledger;
    private readonly int[] _first;
    private readonly int[] _second;
    private readonly byte[] _did;
    private readonly ulong _seed;
    private AttackRandom _random;
    private long _replicas;
    private long _audits;

    private BatchAttack(int nodes, int shards, int warm, Adversary adversary, TrustOptions options, ulong seed)
    {
        _options = options;
        _seed = seed;
        _random = new(seed);
        _nodes = new(nodes, adversary, options.ProbationChecks);
        _ledger = new();
        if (warm > 0)
        {
            Array.Fill(_nodes.Passed, warm);
            for (var i = 0; i < nodes; i++)
            {
                for (var depth = 0; depth < warm; depth++)
                {
                    _ledger.Add(depth, failed: false);
                }
            }
        }

        _first = new int[shards];
        _second = new int[shards];
        _did = new byte[shards];
        Array.Fill(_second, -1);
    }

    /// <summary>Runs one. <paramref name="warm"/>: verified results that every node brings along; 0 is cold.</summary>
    public static AttackResult Run(int nodes, int shards, int warm, Adversary adversary, TrustOptions options, ulong seed) =>
        new BatchAttack(nodes, shards, warm, adversary, options, seed).Run();

    private AttackResult Run()
    {
        for (var shard = 0; shard < _first.Length; shard++)
        {
            Open(shard);
            var depth = _nodes.Passed[_first[shard]];
            if (_random.Chance(RiskRules.BatchRate(depth, _ledger.Hazard(depth), _options)))
            {
                Check(shard);
            }
        }

        Settle();
        for (var shard = 0; shard < _first.Length; shard++)
        {
            if ((_did[shard] & Audited) == 0 && (_did[shard] & FirstLied) != 0)
            {
                _nodes.WrongBy[_first[shard]]++;
            }
        }

        return AttackResult.Of(_seed, _first.Length, _replicas, _audits, _nodes.Found, _nodes.WrongBy);
    }

    /// <summary>Takes back and checks until what may be wrong is little enough.</summary>
    private void Settle()
    {
        while (true)
        {
            TakeBack();
            var (expected, alone) = Expected();
            var checks = RiskRules.NextChecks(expected, _first.Length, alone, _options);
            if (checks == 0)
            {
                return;
            }

            var chance = checks / (double)alone;
            for (var shard = 0; shard < _first.Length; shard++)
            {
                if (_second[shard] < 0 && (_did[shard] & Audited) == 0 && _nodes.IsActive(_first[shard]) && _random.Chance(chance))
                {
                    Check(shard);
                }
            }
        }
    }

    private (double Expected, int Alone) Expected()
    {
        var saboteurs = RiskRules.Saboteurs(_nodes.Found, _nodes.Count, _options);
        Span<double> hazards = stackalloc double[CheckLedger.Buckets];
        hazards.Fill(-1);
        var (expected, alone) = (0.0, 0);
        for (var shard = 0; shard < _first.Length; shard++)
        {
            if ((_did[shard] & Audited) != 0)
            {
                continue;
            }

            var depth = _nodes.Passed[_first[shard]];
            ref var hazard = ref hazards[CheckLedger.Bucket(depth)];
            if (hazard < 0)
            {
                hazard = _ledger.Hazard(depth);
            }

            if (_second[shard] < 0)
            {
                alone++;
                expected += RiskRules.Solo(hazard, saboteurs);
            }
            else
            {
                expected += RiskRules.Pair(hazard, saboteurs);
            }
        }

        return (expected, alone);
    }

    /// <summary>Does again what a node had a part in that was found, until nobody new is found by it.</summary>
    private void TakeBack()
    {
        for (var found = -1; found != _nodes.Found;)
        {
            found = _nodes.Found;
            for (var shard = 0; shard < _first.Length; shard++)
            {
                if ((_did[shard] & Audited) != 0)
                {
                    continue;
                }

                var firstGone = !_nodes.IsActive(_first[shard]);
                if (_second[shard] < 0)
                {
                    if (firstGone)
                    {
                        Open(shard);
                    }
                }
                else if (firstGone || !_nodes.IsActive(_second[shard]))
                {
                    Replace(shard, firstGone);
                }
            }
        }
    }

    /// <summary>
    /// One or both of a pair were found. A result whose check is void is an unchecked one again, like all others of its node; but one that agreed with
    /// a liar's after it is checked again at once, as it may be an echo.
    /// </summary>
    private void Replace(int shard, bool firstGone)
    {
        if (firstGone && !_nodes.IsActive(_second[shard]))
        {
            Open(shard);
            Check(shard);
            return;
        }

        if (firstGone)
        {
            _first[shard] = _second[shard];
            _did[shard] = (byte)((_did[shard] & SecondLied) != 0 ? FirstLied : 0);
            Check(shard);
        }
        else
        {
            _second[shard] = -1;
            _did[shard] &= FirstLied;
        }
    }

    private void Open(int shard)
    {
        var node = _nodes.Draw(ref _random);
        _replicas++;
        _first[shard] = node;
        _second[shard] = -1;
        _did[shard] = _nodes.LiesFirst(node, ref _random) ? FirstLied : (byte)0;
        if (_random.Chance(_options.AuditRate))
        {
            Audit(shard);
        }
    }

    /// <summary>Asks a second owner; what they do not agree on, an operator node decides.</summary>
    private void Check(int shard)
    {
        if ((_did[shard] & Audited) != 0)
        {
            return;
        }

        var first = _first[shard];
        var second = _nodes.Draw(ref _random, first);
        _replicas++;
        _second[shard] = second;
        var firstLied = (_did[shard] & FirstLied) != 0;
        var secondLied = _nodes.LiesSecond(second, first, firstLied, ref _random);
        if (secondLied)
        {
            _did[shard] |= SecondLied;
        }

        if (firstLied == secondLied && (!firstLied || _nodes.LiesAgree))
        {
            Pass(first);
        }
        else
        {
            Audit(shard);
        }
    }

    private void Audit(int shard)
    {
        _audits++;
        Judge(_first[shard], (_did[shard] & FirstLied) != 0);
        if (_second[shard] >= 0)
        {
            Judge(_second[shard], (_did[shard] & SecondLied) != 0);
        }

        _did[shard] |= Audited;
    }

    private void Judge(int node, bool lied)
    {
        if (!lied)
        {
            Pass(node);
        }
        else if (_nodes.IsActive(node))
        {
            _ledger.Add(_nodes.Passed[node], failed: true);
            _nodes.Ban(node, ref _random);
        }
    }

    private void Pass(int node) => _ledger.Add(_nodes.Passed[node]++, failed: false);
}
