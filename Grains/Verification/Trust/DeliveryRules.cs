namespace PiGrid.Grains.Verification.Trust;

/// <summary>Who repeats a result.</summary>
internal enum CheckBy
{
    /// <summary>Another owner's node.</summary>
    Owner,

    /// <summary>An operator node; its word is final.</summary>
    Operator,
}

/// <summary>What a job still needs.</summary>
internal sealed class DeliveryPlan
{
    private readonly double[] _chances;

    internal DeliveryPlan(double expectedWrong, double[] chances, CheckBy by, int replicasMax)
    {
        ExpectedWrong = expectedWrong;
        _chances = chances;
        By = by;
        ReplicasMax = replicasMax;
    }

    /// <summary>Results expected to be wrong if the job were delivered now.</summary>
    public double ExpectedWrong { get; }

    /// <summary>Whether it may be.</summary>
    public bool Delivers => _chances.Length == 0;

    private CheckBy By { get; }

    private int ReplicasMax { get; }

    /// <summary>The probability with which a shard is to be checked once more, 0 to 1.</summary>
    /// <param name="agreeing">Owners that agreed, after <see cref="CommitmentRules.Count"/>.</param>
    /// <param name="depth">Checks that the first of them has passed.</param>
    public double Chance(int agreeing, int depth) => Chance(JobRisk.Class(agreeing, depth));

    /// <summary>The same for a class of <see cref="JobRisk"/>.</summary>
    internal double Chance(int number) => Delivers ? 0 : _chances[number];

    /// <summary>By whom.</summary>
    public CheckBy Who(int agreeing) => agreeing >= ReplicasMax ? CheckBy.Operator : By;
}

/// <summary>
/// When a job is delivered, and which of its shards are checked until then. The riskiest go first, whatever makes them so: one result of a node hardly
/// known, or two when a second one no longer is enough. Within a class chance decides, so that no node knows which. An operator node repeats what so many owners
/// agree on already that one more would cost more than certainty; so the target is met at delivery, always.
/// </summary>
internal static class DeliveryRules
{
    /// <summary>What a job still needs.</summary>
    /// <param name="job">The job's shards that no operator node vouches for.</param>
    /// <param name="risks">The chance that a result of each class is wrong: <see cref="GroupLedger.Risks"/>.</param>
    /// <param name="shards">The job's shards, audited ones too.</param>
    /// <param name="audits">Results that operator nodes repeated for this job to get it delivered.</param>
    /// <param name="options">The target.</param>
    public static DeliveryPlan Plan(JobRisk job, double[] risks, int shards, long audits, TrustOptions options)
    {
        var (expected, left) = (0.0, 0);
        for (var number = 0; number < risks.Length; number++)
        {
            expected += job.Counts[number] * risks[number];
            left += job.Counts[number];
        }

        var checks = RiskRules.NextChecks(expected, shards, left, options);
        var byOperator = Math.Max(0, options.AuditsPerJob - audits);
        checks = byOperator > 0 ? (int)Math.Min(checks, byOperator) : checks;
        return new(expected, checks == 0 ? [] : Riskiest(job.Counts, risks, checks), byOperator > 0 ? CheckBy.Operator : CheckBy.Owner, options.ReplicasMax);
    }

    private static double[] Riskiest(ReadOnlySpan<int> counts, double[] risks, int checks)
    {
        var keys = Falling(risks);
        var order = new List<int>();
        for (var number = 0; number < risks.Length; number++)
        {
            if (counts[number] > 0)
            {
                order.Add(number);
            }
        }

        order.Sort((a, b) => keys[b] != keys[a] ? keys[b].CompareTo(keys[a]) : a.CompareTo(b));
        var chances = new double[risks.Length];
        foreach (var number in order)
        {
            if (checks <= 0)
            {
                break;
            }

            chances[number] = Math.Min(1, checks / (double)counts[number]);
            checks -= counts[number];
        }

        return chances;
    }

    /// <summary>
    /// The risks as if they never rose with the checks that a node passed. Where they seem to, it is because few nodes have come that far; to check those first would
    /// bring them further still, and never end.
    /// </summary>
    private static double[] Falling(double[] risks)
    {
        var falling = (double[])risks.Clone();
        for (var number = 1; number < falling.Length; number++)
        {
            if (number % CheckLedger.Buckets != 0)
            {
                falling[number] = Math.Min(falling[number], falling[number - 1]);
            }
        }

        return falling;
    }
}
