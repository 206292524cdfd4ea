namespace PiGrid.Grains.Verification.Trust;

/// <summary>
/// How often checks failed, apart for results of one owner and for results on which two, three or more had agreed. What a group's risk is follows from that of a
/// smaller one and the share of saboteurs; once enough groups were checked themselves, what became of them says it without that share, and lower: liars
/// that were found took their groups along.
/// </summary>
internal sealed class GroupLedger
{
    private readonly CheckLedger[] _levels = [.. Enumerable.Range(0, JobRisk.AgreeingMax).Select(_ => new CheckLedger())];

    /// <summary>Checks of results on which so many owners had agreed, one after the other.</summary>
    /// <param name="agreeing">1 and more; larger ones than <see cref="JobRisk.AgreeingMax"/> count as that.</param>
    public CheckLedger this[int agreeing] => _levels[Math.Clamp(agreeing, 1, JobRisk.AgreeingMax) - 1];

    /// <summary>
    /// The share of saboteurs, from what became of lies: of those that a second owner could have found, how many it confirmed; at most 0.5. It sees those that lie
    /// too seldom to be found one by one. Taken two deviations low, so 0 while fewer than five such lies are known: it raises what is assumed, and one lie among
    /// the first few groups looked at is no evidence of a half.
    /// </summary>
    public double Echoed
    {
        get
        {
            var (alone, agreed) = (this[1], this[2]);
            var sure = agreed.Failures - (2 * Math.Sqrt(agreed.Failures));
            return alone.Failures < 1 || sure <= 0 ? 0 : Math.Min(0.5, sure / agreed.Checks / (alone.Failures / alone.Checks));
        }
    }

    /// <summary>The chance that a result of each class of <see cref="JobRisk"/> is wrong, by the class's number.</summary>
    /// <param name="saboteurs">The share of saboteurs.</param>
    public double[] Risks(double saboteurs)
    {
        var risks = new double[JobRisk.AgreeingMax * CheckLedger.Buckets];
        var below = _levels[0].Hazards();
        for (var agreeing = 1; agreeing <= JobRisk.AgreeingMax; agreeing++)
        {
            var hazards = agreeing == 1 ? below : _levels[agreeing - 1].Hazards();
            for (var bucket = 0; bucket < below.Length; bucket++)
            {
                var seen = RiskRules.Solo(hazards[bucket], saboteurs);
                below[bucket] = agreeing == 1 ? seen : Math.Min(seen, saboteurs * below[bucket]);
            }

            below.CopyTo(risks, (agreeing - 1) * below.Length);
        }

        return risks;
    }
}
