namespace PiGrid.Grains.Verification.Trust;

/// <summary>What checking comes to for one shard, on average.</summary>
/// <param name="Replicas">Volunteers' replicas.</param>
/// <param name="Audits">Operator nodes' replicas.</param>
/// <param name="Wrong">The share of wrong results, at most; null where nothing can be said.</param>
internal readonly record struct ExpectedCost(double Replicas, double Audits, double? Wrong);

/// <summary>
/// What a job is expected to cost, from what the grid has seen so far. An adaptive job is reckoned as the rules would run it if all its nodes had passed
/// as many checks as the median checked one: spot checks, then the riskiest shards by operator nodes as far as one job may ask them, then one more owner
/// for as many shards as it takes.
/// </summary>
internal static class CostRules
{
    /// <summary>What an operator node computes is believed, and no volunteer has a part in it.</summary>
    public static ExpectedCost OperatorAlone { get; } = new(0, 1, 0);

    /// <summary>What to expect of a job.</summary>
    /// <param name="policy">Its policy.</param>
    /// <param name="shards">Its shards.</param>
    /// <param name="ledger">What the grid has seen.</param>
    /// <param name="saboteurs">The share of saboteurs, at most.</param>
    /// <param name="options">How much is checked; the target is the job's own.</param>
    public static ExpectedCost Expect(VerificationPolicy policy, int shards, CheckLedger ledger, double saboteurs, TrustOptions options)
    {
        var groups = new GroupLedger();
        groups[1].Add(ledger);
        var depth = ledger.MedianDepth;
        var risks = groups.Risks(saboteurs);
        double Risk(int agreeing) => risks[JobRisk.Class(agreeing, depth)];
        return policy.Kind switch
        {
            PolicyKind.None => new(1, options.AuditRate, Risk(1)),
            PolicyKind.Quorum => new(policy.Agreeing, 0, Risk(policy.Agreeing)),
            PolicyKind.Critical => new(policy.Agreeing, 1, 0),
            PolicyKind.Adaptive => Adaptive(shards, depth, ledger, Risk, options),
        };
    }

    private static ExpectedCost Adaptive(int shards, int depth, CheckLedger ledger, Func<int, double> risk, TrustOptions options)
    {
        var repeated = RiskRules.BatchRate(depth, ledger, options);
        var (replicas, wrong) = (1 + repeated, ((1 - repeated) * risk(1)) + (repeated * risk(2)));
        var audits = options.AuditRate;
        if (wrong > options.Epsilon)
        {
            var share = Math.Min(1 - (options.Epsilon / wrong), Math.Min(1, options.AuditsPerJob / (double)shards));
            (audits, wrong) = (audits + share, wrong * (1 - share));
        }

        // Shards with one owner get a second first, then those with two a third.
        for (var agreeing = repeated < 1 ? 1 : 2; wrong > options.Epsilon && agreeing < options.ReplicasMax; agreeing++)
        {
            var open = agreeing == 1 ? 1 - repeated : 1;
            var saved = open * (risk(agreeing) - risk(agreeing + 1));
            var share = saved <= 0 ? 1 : Math.Min(1, (wrong - options.Epsilon) / saved);
            (replicas, wrong) = (replicas + (open * share), wrong - (saved * share));
        }

        if (wrong > options.Epsilon)
        {
            (audits, wrong) = (audits + 1 - (options.Epsilon / wrong), options.Epsilon);
        }

        return new(replicas, audits, wrong);
    }
}
