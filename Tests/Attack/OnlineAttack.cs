using PiGrid.Grains.Verification.Trust;

namespace PiGrid.Tests.Attack;

/// <summary>
/// Online calls under attack: what was answered stays answered. A call that is checked waits for its second result, which is asked for after the first
/// is in, so that the first node had to commit itself.
/// </summary>
internal sealed class OnlineAttack
{
    private readonly TrustOptions _options;
    private readonly AttackNodes _nodes;
    private readonly CheckLedger _ledger;
    private readonly AttackScenario _scenario;
    private readonly double _decay;
    private AttackRandom _random;
    private long _replicas;
    private long _audits;
    private long _checks;

    private OnlineAttack(AttackScenario scenario, ulong seed)
    {
        _scenario = scenario;
        _options = scenario.Options;
        _random = new(seed);
        _nodes = new(scenario.Nodes, scenario.Adversary, _options.ProbationChecks, scenario.Noise, seed);
        _ledger = scenario.Evidence();
        _decay = Math.Pow(0.5, 1000.0 / _options.OnlineEvidenceHalf);
        Array.Fill(_nodes.Passed, scenario.Warm);
    }

    /// <summary>Runs one.</summary>
    public static AttackResult Run(AttackScenario scenario, ulong seed)
    {
        var attack = new OnlineAttack(scenario, seed);
        for (var call = 0; call < scenario.Shards; call++)
        {
            attack.Answer(call);
        }

        return AttackResult.Of(seed, scenario.Shards, attack._replicas, attack._audits, attack._nodes.Found, attack._nodes.WrongBy);
    }

    private void Answer(int call)
    {
        var first = Issue([]);
        if (first < 0)
        {
            _audits++;
            return;
        }

        var depth = _nodes.Passed[first];
        var says = _nodes.First(first, call, ref _random);
        if (!_random.Chance(RiskRules.OnlineRate(depth, _ledger.Lately(depth), _options)))
        {
            Deliver(first, depth, says);
            return;
        }

        var byOperator = depth < _options.ProbationChecks && _random.Chance(_options.RingerRate);
        var second = byOperator ? -1 : Issue([first]);
        if (++_checks % 1000 == 0)
        {
            _ledger.Decay(_decay);
        }

        if (second >= 0)
        {
            var other = _nodes.Next(second, call, says, ref _random);
            if (AttackNodes.Agree(says, other))
            {
                Judge(first, depth, wrong: false);
                Deliver(first, depth + 1, says);
                return;
            }

            Judge(second, _nodes.Passed[second], other != Attack.Answer.Right);
        }

        // The operator's answer is the one delivered.
        _audits++;
        Judge(first, depth, says != Attack.Answer.Right);
    }

    private int Issue(ReadOnlySpan<int> not)
    {
        var node = _nodes.Draw(ref _random, not);
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

    private void Deliver(int node, int depth, Answer says)
    {
        var wrong = says != Attack.Answer.Right;
        if (wrong)
        {
            _nodes.WrongBy[node]++;
        }

        if (_random.Chance(_options.AuditRate))
        {
            _audits++;
            Judge(node, depth, wrong);
        }
    }

    private void Judge(int node, int depth, bool wrong)
    {
        if (!_nodes.IsActive(node))
        {
            return;
        }

        _ledger.Add(depth, wrong);
        if (wrong)
        {
            _nodes.Ban(node, ref _random);
        }
        else
        {
            _nodes.Passed[node]++;
        }
    }
}
