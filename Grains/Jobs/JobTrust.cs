using PiGrid.Grains.Verification.Trust;

namespace PiGrid.Grains.Jobs;

/// <summary>
/// What an adaptive job knows of its results: who gave each, how often they were checked, and what that says of all of them. It lives as long as the job
/// runs and is built anew from the shards after a restart. Everything is decided here by the rules of <c>Verification/Trust</c>; the grain sends the checks.
/// </summary>
/// <param name="shards">Shards of the job.</param>
/// <param name="options">How much to check; the target is the job's own.</param>
/// <param name="carried">What the grid saw of its nodes before.</param>
internal sealed class JobTrust(int shards, TrustOptions options, CheckLedger carried)
{
    private const int RoundsMax = 1_000;
    private readonly Held[] _shards = new Held[shards];
    private readonly Dictionary<NodeId, int> _indexes = [];
    private readonly List<Worker> _workers = [];
    private readonly HashSet<OwnerId> _distrusted = [];
    private readonly Dictionary<int, ShardCheck> _checking = [];
    private readonly GroupLedger _ledger = Begin(carried);
    private long _audits;

    /// <summary>The checks that were asked for and are not answered yet, by shard.</summary>
    public IReadOnlyDictionary<int, ShardCheck> Checking => _checking;

    /// <summary>A shard has closed, for the first time or again.</summary>
    /// <param name="outcome">How.</param>
    /// <param name="roll">From 0 to 1, known to nobody beforehand.</param>
    /// <returns>What the job had counted of it, null the first time; and the checks that follow, for this shard and for others.</returns>
    public (ShardCount? Before, IReadOnlyDictionary<int, ShardCheck> Checks) Close(ShardOutcome outcome, double roll)
    {
        var held = _shards[outcome.Index];
        _checking.Remove(outcome.Index);
        var count = Learn(held, outcome);
        var checks = Distrust(outcome.Judged.Where(j => j.Wrong).Select(j => j.Owner));
        var now = _shards[outcome.Index];
        if (!checks.ContainsKey(outcome.Index) && now.IsOpenToChecks)
        {
            var first = _workers[now.Group[0]];
            if (TakeBackOf(outcome.Index) is { } back)
            {
                checks[outcome.Index] = back;
            }
            else if (held.Group is null && now.Agreeing == 1 && roll < RiskRules.BatchRate(first.Passed, _ledger[1], options))
            {
                // A new owner's results go to an operator node as often as the option says: it cannot meet friends there.
                var ringer = first.Passed < options.ProbationChecks && roll < options.RingerRate;
                checks[outcome.Index] = new ShardCheck { Agreeing = now.Group.Length + (ringer ? 0 : 1), Audit = ringer, Spot = ringer };
            }
        }

        Expect(checks);
        return (count, checks);
    }

    /// <summary>Owners were found to lie, by whomever: every result that rests on them is taken back.</summary>
    public IReadOnlyDictionary<int, ShardCheck> Find(IEnumerable<OwnerId> owners)
    {
        var checks = Distrust(owners);
        Expect(checks);
        return checks;
    }

    /// <summary>Whether the job may be delivered, once all shards are closed and no check is out; and if not, what to check.</summary>
    /// <param name="saboteurs">The share of saboteurs on the grid, at most.</param>
    /// <param name="audits">Whether an operator node is there.</param>
    /// <param name="roll">Numbers from 0 to 1, known to nobody beforehand.</param>
    public (JobDelivery? Delivery, IReadOnlyDictionary<int, ShardCheck> Checks) Settle(double saboteurs, bool audits, Func<double> roll)
    {
        var risk = new JobRisk();
        foreach (var held in _shards.Where(held => held.IsOpenToChecks))
        {
            risk.Add(held.Agreeing, _workers[held.Group[0]].Passed);
        }

        var risks = _ledger.Risks(Math.Max(saboteurs, _ledger.Echoed));
        var plan = DeliveryRules.Plan(risk, risks, _shards.Length, _audits, options);
        if (plan.Delivers)
        {
            return (new JobDelivery { ExpectedWrong = plan.ExpectedWrong / _shards.Length, Risks = WorstOf(risk, risks) }, new Dictionary<int, ShardCheck>());
        }

        var checks = new Dictionary<int, ShardCheck>();
        for (var round = 0; round < RoundsMax && checks.Count == 0; round++)
        {
            for (var shard = 0; shard < _shards.Length; shard++)
            {
                var held = _shards[shard];
                if (!held.IsOpenToChecks || roll() >= plan.Chance(held.Agreeing, _workers[held.Group[0]].Passed))
                {
                    continue;
                }

                var audit = plan.Who(held.Agreeing) == CheckBy.Operator && (audits || held.Agreeing >= options.ReplicasMax);
                checks[shard] = new ShardCheck { Agreeing = held.Group.Length + (audit ? 0 : 1), Audit = audit };
                _audits += audit ? 1 : 0;
            }
        }

        Expect(checks);
        return (null, checks);
    }

    private static double[] WorstOf(JobRisk job, double[] risks)
    {
        var worst = new double[JobRisk.AgreeingMax];
        for (var number = 0; number < risks.Length; number++)
        {
            ref var one = ref worst[JobRisk.Agreeing(number) - 1];
            one = job.Counts[number] > 0 ? Math.Max(one, risks[number]) : one;
        }

        return worst;
    }

    private static GroupLedger Begin(CheckLedger carried)
    {
        var ledger = new GroupLedger();
        ledger[1].Add(carried);
        return ledger;
    }

    private void Expect(IReadOnlyDictionary<int, ShardCheck> checks)
    {
        foreach (var (shard, check) in checks)
        {
            _checking[shard] = check;
        }
    }

    /// <summary>Takes over what became of a shard, and what that says of the nodes.</summary>
    private ShardCount? Learn(Held held, ShardOutcome outcome)
    {
        var group = outcome.Witnesses.Select(w => IndexOf(w.Node, w.Owner, w.Passed)).ToArray();
        var agreeing = CommitmentRules.CountOf(outcome.Witnesses);
        Judge(held, outcome);
        if (!outcome.Audited && agreeing > Math.Max(1, held.Agreeing))
        {
            // All that came between is counted too: the shard may have heard of more than one before the job did.
            for (var passed = Math.Max(1, held.Agreeing); passed < agreeing; passed++)
            {
                Confirm(group[0], passed);
            }
        }

        var before = held.IsCounted ? held.Count : (ShardCount?)null;
        _shards[outcome.Index] = new(outcome.Accepted ? group : [], agreeing, outcome.Audited, outcome.Judged.Count, ShardCount.Of(outcome));
        return before;
    }

    private void Judge(Held held, ShardOutcome outcome)
    {
        var first = held.Group is { Length: > 0 } ? held.Group[0] : -1;
        if (outcome.Audited && !held.Audited && held.Agreeing > 1)
        {
            _ledger[held.Agreeing].Add(_workers[first].Passed, outcome.Judged.Any(j => j.Wrong && _indexes.GetValueOrDefault(j.Node, -1) == first));
        }

        // An operator node's word on the whole result, and before that on a part of its run: each is heard once.
        foreach (var judged in outcome.Judged.Skip(held.Judged))
        {
            var index = IndexOf(judged.Node, judged.Owner, judged.Passed);
            if (!judged.Wrong)
            {
                Confirm(index, 1);
            }
            else if (held.Group is null || index == first || !held.Group.Contains(index))
            {
                // An echo, which agreed with one that came before, is no evidence of how often those that come first lie.
                _ledger[1].Add(_workers[index].Passed, failed: true);
            }
        }
    }

    private void Confirm(int index, int agreeing)
    {
        _ledger[agreeing].Add(_workers[index].Passed, failed: false);
        if (agreeing == 1)
        {
            _workers[index].Passed++;
        }
    }

    private Dictionary<int, ShardCheck> Distrust(IEnumerable<OwnerId> owners)
    {
        var checks = new Dictionary<int, ShardCheck>();
        var known = _distrusted.Count;
        _distrusted.UnionWith(owners);
        if (_distrusted.Count == known)
        {
            return checks;
        }

        for (var shard = 0; shard < _shards.Length; shard++)
        {
            if (TakeBackOf(shard) is { } check)
            {
                checks[shard] = check;
            }
        }

        return checks;
    }

    /// <summary>What becomes of a shard's result that rests on owners who are not believed any more; null when it rests on none.</summary>
    private ShardCheck? TakeBackOf(int shard)
    {
        var held = _shards[shard];
        if (!held.IsOpenToChecks)
        {
            return null;
        }

        var gone = held.Group.Select(index => _distrusted.Contains(_workers[index].Owner)).ToArray();
        var left = gone.Count(isGone => !isGone);
        int? agreeing = TakeBackRules.Of(gone, held.Audited) switch
        {
            TakeBack.Stands => null,
            TakeBack.Uncounted => left,
            TakeBack.CheckAgain => left + 1,
            TakeBack.Reopen => Math.Min(2, gone.Length),
        };
        return agreeing is { } wanted
            ? new ShardCheck { Agreeing = wanted, Distrusted = held.Group.Select(index => _workers[index].Owner).Where(_distrusted.Contains).Distinct().ToArray() }
            : null;
    }

    private int IndexOf(NodeId node, OwnerId owner, int passed)
    {
        if (!_indexes.TryGetValue(node, out var index))
        {
            index = _workers.Count;
            _indexes.Add(node, index);
            _workers.Add(new Worker(owner));
        }

        _workers[index].Passed = Math.Max(_workers[index].Passed, passed);
        return index;
    }

    /// <summary>A node that returned a result.</summary>
    private sealed class Worker(OwnerId owner)
    {
        public OwnerId Owner { get; } = owner;

        public int Passed { get; set; }
    }

    /// <summary>What is known of one shard's result.</summary>
    /// <param name="Group">The nodes that agreed, the earliest to arrive first; null before it has closed.</param>
    /// <param name="Agreeing">As how many results, one after the other, they count.</param>
    /// <param name="Audited">Whether an operator node vouches for it.</param>
    /// <param name="Judged">How many judgements of operator nodes were heard of it.</param>
    /// <param name="Count">What the job has counted of it.</param>
    private readonly record struct Held(int[] Group, int Agreeing, bool Audited, int Judged, ShardCount Count)
    {
        public bool IsCounted => Group is not null;

        public bool IsOpenToChecks => Group is { Length: > 0 } && !Audited;
    }
}
