using PiGrid.Grains.Verification.Trust;

namespace PiGrid.Tests.Attack;

/// <summary>A batch job under attack: first results with their spot checks, then more checks until the rules deliver it.</summary>
internal sealed class BatchAttack
{
    private const short Ended = -1;
    private readonly AttackScenario _scenario;
    private readonly TrustOptions _options;
    private readonly AttackNodes _nodes;
    private readonly AttackShards _shards;
    private readonly GroupLedger _ledger = new();
    private readonly JobRisk _risk = new();
    private readonly short[] _class;
    private AttackRandom _random;
    private long _replicas;
    private long _audits;
    private long _settling;
    private int _takenBack;

    private BatchAttack(AttackScenario scenario, ulong seed)
    {
        _scenario = scenario;
        _options = scenario.Options;
        _random = new(seed);
        _nodes = new(scenario.Nodes, scenario.Adversary, _options.ProbationChecks, scenario.Noise, seed);
        _shards = new(scenario.Shards);
        _class = new short[scenario.Shards];
        _ledger[1].Add(scenario.Evidence());
        Array.Fill(_nodes.Passed, scenario.Warm);
    }

    /// <summary>Runs one.</summary>
    public static AttackResult Run(AttackScenario scenario, ulong seed) => new BatchAttack(scenario, seed).Run(seed);

    private AttackResult Run(ulong seed)
    {
        for (var shard = 0; shard < _shards.Count; shard++)
        {
            Open(shard);
            var depth = _nodes.Passed[_shards.First(shard)];
            if (!_shards.Audited(shard) && _random.Chance(RiskRules.BatchRate(depth, _ledger[1], _options)))
            {
                Check(shard);
            }

            if (!_shards.Audited(shard) && _random.Chance(_options.AuditRate))
            {
                Audit(shard);
            }
        }

        Settle();
        for (var shard = 0; shard < _shards.Count; shard++)
        {
            if (!_shards.Audited(shard) && _shards.Says(shard) != Answer.Right)
            {
                _nodes.WrongBy[_shards.First(shard)]++;
            }
        }

        return AttackResult.Of(seed, _shards.Count, _replicas, _audits, _nodes.Found, _nodes.WrongBy);
    }

    /// <summary>Takes back and checks until the rules deliver.</summary>
    private void Settle()
    {
        while (true)
        {
            TakeBackAll();
            Count();
            var saboteurs = Math.Max(RiskRules.Saboteurs(_nodes.Removed.Count, _nodes.Count, _options), _ledger.Echoed);
            var plan = DeliveryRules.Plan(_risk, _ledger.Risks(saboteurs), _shards.Count, _settling, _options);
            if (plan.Delivers)
            {
                return;
            }

            CheckBy(plan);
        }
    }

    /// <summary>Every shard's class, as it is before the round's checks.</summary>
    private void Count()
    {
        _risk.Clear();
        var bucket = new int[_nodes.Count];
        for (var node = 0; node < bucket.Length; node++)
        {
            bucket[node] = JobRisk.Class(1, _nodes.Passed[node]);
        }

        for (var shard = 0; shard < _class.Length; shard++)
        {
            if (_shards.Audited(shard))
            {
                _class[shard] = Ended;
                continue;
            }

            var number = bucket[_shards.First(shard)] + ((Agreeing(shard) - 1) * CheckLedger.Buckets);
            _class[shard] = (short)number;
            _risk.Add(number);
        }
    }

    private void CheckBy(DeliveryPlan plan)
    {
        for (var shard = 0; shard < _class.Length; shard++)
        {
            var number = _class[shard];
            var chance = number == Ended ? 0 : plan.Chance(number);
            if (chance == 0 || _shards.Audited(shard) || !_random.Chance(chance))
            {
                continue;
            }

            if (plan.Who(Agreeing(shard)) == Grains.Verification.Trust.CheckBy.Owner)
            {
                Check(shard);
            }
            else
            {
                _settling++;
                Audit(shard);
            }
        }
    }

    private int Agreeing(int shard) => _scenario.HedgesCount ? _shards.Size(shard) : _shards.Agreeing(shard);

    /// <summary>Does again what rested on a node that was found, until nobody new is found by it.</summary>
    private void TakeBackAll()
    {
        for (; _takenBack < _nodes.Removed.Count; _takenBack++)
        {
            foreach (var shard in _shards.RestingOn(_nodes.Removed[_takenBack]))
            {
                if (!_shards.Audited(shard))
                {
                    TakeBackOne(shard);
                }
            }
        }
    }

    private void TakeBackOne(int shard)
    {
        Span<bool> distrusted = stackalloc bool[JobRisk.AgreeingMax + 1];
        var group = distrusted[.._shards.Size(shard)];
        for (var place = 0; place < group.Length; place++)
        {
            group[place] = !_nodes.IsActive(_shards.At(shard, place));
        }

        switch (TakeBackRules.Of(group, audited: false))
        {
            case TakeBack.Stands:
                break;
            case TakeBack.Uncounted:
                _shards.Keep(shard, group);
                break;
            case TakeBack.CheckAgain:
                _shards.Keep(shard, group);
                Check(shard);
                break;
            case TakeBack.Reopen:
                var alone = group.Length == 1;
                Open(shard);
                if (!alone)
                {
                    Check(shard);
                }

                break;
        }
    }

    /// <summary>A replica for somebody who has none of this shard; -1 when there is nobody.</summary>
    private int Issue(int shard, int size)
    {
        Span<int> not = stackalloc int[JobRisk.AgreeingMax + 1];
        for (var place = 0; place < size; place++)
        {
            not[place] = _shards.At(shard, place);
        }

        var node = _nodes.Draw(ref _random, not[..size]);
        if (node < 0)
        {
            return node;
        }

        _replicas++;
        while (_random.Chance(_scenario.Noise.Lost))
        {
            _replicas++;
        }

        return node;
    }

    private void Open(int shard)
    {
        var node = Issue(shard, 0);
        if (node < 0)
        {
            _shards.Open(shard, 0, Answer.Right);
            _shards.SetAudited(shard);
            _audits++;
            return;
        }

        // A ringer: the operator's result is there before the node's.
        var ringer = _nodes.Passed[node] < _options.ProbationChecks && _random.Chance(_options.RingerRate);
        var stalls = _nodes.Stalls(node, ref _random);
        var wants = stalls && !ringer ? Answer.Lie : _nodes.First(node, shard, ref _random);
        _shards.Open(shard, node, wants);
        if (ringer)
        {
            Audit(shard);
        }
        else if (stalls || _random.Chance(_scenario.Noise.Hedged))
        {
            Hedge(shard, node, wants);
        }
    }

    /// <summary>A second replica goes out while the first is: neither confirms the other, but that they differ shows.</summary>
    private void Hedge(int shard, int node, Answer wants)
    {
        var hedge = Issue(shard, 1);
        if (hedge < 0)
        {
            return;
        }

        var says = _nodes.Knowing(node, hedge, wants);
        var other = _nodes.Next(hedge, shard, says, ref _random);
        _shards.Open(shard, node, says);
        if (!AttackNodes.Agree(says, other))
        {
            Audit(shard);
            Judge(hedge, other);
            return;
        }

        _shards.Add(shard, hedge, hedge: true);
        if (_scenario.HedgesCount)
        {
            Pass(node);
        }
    }

    /// <summary>Asks one owner more; what they do not agree on, an operator node decides.</summary>
    private void Check(int shard)
    {
        if (_shards.Audited(shard))
        {
            return;
        }

        var node = Issue(shard, _shards.Size(shard));
        if (node < 0)
        {
            Audit(shard);
            return;
        }

        var (before, says) = (Agreeing(shard), _shards.Says(shard));
        var other = _nodes.Next(node, shard, says, ref _random);
        if (!AttackNodes.Agree(says, other))
        {
            Audit(shard);
            Judge(node, other);
            return;
        }

        _shards.Add(shard, node);
        if (before == 1)
        {
            Pass(_shards.First(shard));
        }
        else
        {
            _ledger[before].Add(_nodes.Passed[_shards.First(shard)], failed: false);
        }
    }

    private void Audit(int shard)
    {
        _audits++;
        var agreeing = Agreeing(shard);
        if (agreeing > 1)
        {
            _ledger[agreeing].Add(_nodes.Passed[_shards.First(shard)], _shards.Says(shard) != Answer.Right);
        }

        for (var place = 0; place < _shards.Size(shard); place++)
        {
            Judge(_shards.At(shard, place), _shards.Says(shard), place == 0);
        }

        _shards.SetAudited(shard);
    }

    private void Judge(int node, Answer said, bool first = true)
    {
        if (said == Answer.Right)
        {
            Pass(node);
        }
        else if (_nodes.IsActive(node))
        {
            // An echo is no evidence of how often those that come first lie.
            if (first)
            {
                _ledger[1].Add(_nodes.Passed[node], failed: true);
            }

            _nodes.Ban(node, ref _random);
        }
    }

    private void Pass(int node) => _ledger[1].Add(_nodes.Passed[node]++, failed: false);
}
