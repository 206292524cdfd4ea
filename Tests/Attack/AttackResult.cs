namespace PiGrid.Tests.Attack;

/// <summary>What an attack came to.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Shards">Shards delivered.</param>
/// <param name="Replicas">Replicas issued.</param>
/// <param name="Audits">Results that operator nodes repeated.</param>
/// <param name="Wrong">Wrong results delivered.</param>
/// <param name="WrongUpper">Their share at most, at 95 %; saboteurs, not results, are taken as independent.</param>
/// <param name="Found">Saboteurs found.</param>
internal sealed record AttackResult(ulong Seed, int Shards, long Replicas, long Audits, long Wrong, double WrongUpper, int Found)
{
    /// <summary>Replicas and audits for a delivered result.</summary>
    public double Cost => (Replicas + Audits) / (double)Shards;

    /// <summary>Audits for a delivered result.</summary>
    public double AuditShare => Audits / (double)Shards;

    /// <summary>The share of wrong results.</summary>
    public double WrongShare => Wrong / (double)Shards;

    /// <summary>A run's result, from what each saboteur got through.</summary>
    public static AttackResult Of(ulong seed, int shards, long replicas, long audits, int found, int[] wrongBy)
    {
        var wrong = wrongBy.Sum(w => (long)w);
        var squares = wrongBy.Sum(w => (double)w * w);

        // No failure in n trials is below 3 / n at 95 %; with some, the normal bound over saboteurs as clusters.
        var upper = wrong == 0 ? 3.0 / shards : (wrong + (1.645 * Math.Sqrt(squares))) / shards;
        return new(seed, shards, replicas, audits, wrong, upper, found);
    }
}
