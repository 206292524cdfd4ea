using PiGrid.Grains.Verification.Trust;

namespace PiGrid.Tests.Attack;

/// <summary>
/// Online calls under attack: what was answered stays answered. A call that is checked waits for its second result, which is asked for after the first
/// is in, so that the first node had to commit itself.
/// </summary>
internal static class OnlineAttack
{
    /// <summary>Runs one. <paramref name="warm"/>: verified results that every node brings along; 0 is cold.</summary>
    public static AttackResult Run(int count, int calls, int warm, Adversary adversary, TrustOptions options, ulong seed)
    {
        var random = new AttackRandom(seed);
        var nodes = new AttackNodes(count, adversary, options.ProbationChecks);
        var ledger = new CheckLedger();
        Array.Fill(nodes.Passed, warm);
        var decay = Math.Pow(0.5, 1000.0 / options.OnlineEvidenceHalf);
        var (replicas, audits, checks) = (0L, 0L, 0);
        for (var call = 0; call < calls; call++)
        {
            var first = nodes.Draw(ref random);
            var depth = nodes.Passed[first];
            var lied = nodes.LiesFirst(first, ref random);
            replicas++;
            if (!random.Chance(RiskRules.OnlineRate(depth, ledger.Hazard(depth), options)))
            {
                Deliver(first, depth, lied);
                continue;
            }

            var second = nodes.Draw(ref random, first);
            var secondLied = nodes.LiesSecond(second, first, lied, ref random);
            replicas++;
            if (++checks % 1000 == 0)
            {
                ledger.Decay(decay);
            }

            if (lied == secondLied && (!lied || nodes.LiesAgree))
            {
                ledger.Add(depth, failed: false);
                nodes.Passed[first]++;
                Deliver(first, depth, lied);
                continue;
            }

            // The operator's answer is the one delivered.
            audits++;
            Judge(first, depth, lied);
            Judge(second, nodes.Passed[second], secondLied);
        }

        return AttackResult.Of(seed, calls, replicas, audits, nodes.Found, nodes.WrongBy);

        void Deliver(int node, int depth, bool wrong)
        {
            if (wrong)
            {
                nodes.WrongBy[node]++;
            }

            if (random.Chance(options.AuditRate))
            {
                audits++;
                Judge(node, depth, wrong);
            }
        }

        void Judge(int node, int depth, bool wrong)
        {
            ledger.Add(depth, wrong);
            if (wrong)
            {
                nodes.Ban(node, ref random);
            }
            else
            {
                nodes.Passed[node]++;
            }
        }
    }
}
