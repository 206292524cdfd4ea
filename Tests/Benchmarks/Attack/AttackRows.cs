using PiGrid.Grains.Verification.Trust;
using PiGrid.Tests.Attack;

namespace PiGrid.Benchmarks.Attack;

/// <summary>The tables that <c>attack</c> prints, row by row; one set of options for all but the rows that name another epsilon or rule.</summary>
/// <param name="Nodes">Nodes where a table does not say.</param>
/// <param name="Each">Shards a node where a table does not say.</param>
internal sealed record AttackRows(int Nodes, int Each)
{
    /// <summary>Rates of lying: 0.001 to 1, and one below.</summary>
    public static readonly double[] Rates = [0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.03, 0.1, 0.3, 0.6, 1];

    private static readonly double[] Shares = [0.05, 0.1, 0.2, 0.35];
    private static readonly int[] FewEach = [50, 24];
    private static readonly double[] Returning = [0, 0.1, 0.5];

    /// <summary>The names of the tables that consist of such rows.</summary>
    public static IReadOnlyList<string> Tables { get; } =
        ["published", "colluders", "few", "online", "honest", "warm", "kinds", "faults"];

    /// <summary>The rows of one.</summary>
    public IEnumerable<AttackRow> Of(string table) => table switch
    {
        "published" => Published(),
        "colluders" => Shares.Select(share => Batch($"colluders, batch, f {share}", new(AdversaryKind.Colluders, share, 0))),
        "few" => Shares.SelectMany(_ => FewEach, (share, few) => Few(share, few, new())),
        "online" => Returning.Select(back =>
            Online($"until trusted, online, f 0.1, {back} re-enrol", new(AdversaryKind.UntilTrusted, 0.1, 0, back))),
        "honest" => Honest(),
        "warm" => Shares.Select(share => Batch($"colluders that were honest before, batch, f {share}", new(AdversaryKind.Colluders, share, 0), warm: 1000)),
        "kinds" => Kinds(),
        "faults" => Faults(),
        _ => throw new ArgumentOutOfRangeException(nameof(table), table, "There is no such table."),
    };

    /// <summary>Colluders against a job with few shards a node; at least a million shards.</summary>
    public static AttackRow Few(double share, int each, TrustOptions options, string name = "colluders, batch")
    {
        var nodes = (1_000_000 / each) + 1;
        return Of($"{name}, f {share}", each, Rates, new()
        {
            Nodes = nodes, Shards = nodes * each, Adversary = new(AdversaryKind.Colluders, share, 0), Options = options,
        });
    }

    private static AttackRow Of(string name, int each, IReadOnlyList<double> rates, AttackScenario scenario, bool online = false) =>
        new(name, scenario.Nodes, each, scenario.Warm, rates, (rate, seed) =>
        {
            var attack = scenario with { Adversary = scenario.Adversary with { LieRate = rate } };
            return online ? OnlineAttack.Run(attack, seed) : BatchAttack.Run(attack, seed);
        });

    private AttackRow Batch(
        string name, Adversary adversary, IReadOnlyList<double>? rates = null, int warm = 0, AttackNoise? noise = null, TrustOptions? options = null, bool hedgesCount = false) =>
        Of(name, Each, rates ?? Rates, new()
        {
            Nodes = Nodes, Shards = Nodes * Each, Warm = warm, Adversary = adversary, Noise = noise ?? AttackNoise.None, Options = options ?? new(), HedgesCount = hedgesCount,
        });

    private AttackRow Online(string name, Adversary adversary) =>
        Of(name, Each, Rates, new() { Nodes = Nodes, Shards = Nodes * Each, Adversary = adversary }, online: true);

    private IEnumerable<AttackRow> Published()
    {
        var shards = Nodes * Each;
        yield return new("first two to agree, f 0.2", Nodes, Each, 0, [1], (_, seed) => PublishedRules.FirstTwo(Nodes, shards, 0.2, seed));
        yield return new("BOINC adaptive, f 0.2", Nodes, Each, 0, Rates, (rate, seed) => PublishedRules.Adaptive(Nodes, shards, 0.2, rate, false, seed));
        yield return new("BOINC adaptive, until trusted, f 0.1", Nodes, Each, 0, [1], (rate, seed) => PublishedRules.Adaptive(Nodes, shards, 0.1, rate, true, seed));
        yield return new("Sarmenta, f 0.2 told, 10 % ringers", Nodes, Each, 0, Rates, (rate, seed) => PublishedCredibility.Run(Nodes, shards, 0.2, rate, 0.1, 1e-4, seed));
    }

    private IEnumerable<AttackRow> Honest()
    {
        var nobody = new Adversary(AdversaryKind.Colluders, 0, 0);
        yield return Batch("nobody, batch", nobody, [1], warm: 1000);
        yield return Batch("nobody, batch, epsilon 0.02 %", nobody, [1], warm: 1000, options: new() { Epsilon = 2e-4 });
        yield return Batch("nobody, batch", nobody, [1]);
    }

    private IEnumerable<AttackRow> Kinds()
    {
        foreach (var kind in Enum.GetValues<AdversaryKind>())
        {
            yield return kind == AdversaryKind.Lazy
                ? Batch("Lazy, right in 95 % and 80 %, batch, f 0.2, 0.2 re-enrol", new(kind, 0.2, 0, 0.2), [0.05, 0.2])
                : Batch($"{kind}, batch, f 0.2, 0.2 re-enrol", new(kind, 0.2, 0, 0.2));
        }

        yield return Batch("Stallers, if hedges counted as checks", new(AdversaryKind.Stallers, 0.2, 0, 0.2), hedgesCount: true);
        yield return Batch("Whitewashers (colluders, 0.9 re-enrol), batch, f 0.2", new(AdversaryKind.Colluders, 0.2, 0, 0.9));
    }

    private IEnumerable<AttackRow> Faults()
    {
        var nobody = new Adversary(AdversaryKind.Colluders, 0, 0);
        var faults = new AttackNoise(Lost: 0.02, Hedged: 0.02);
        yield return Batch("nobody, 2 % lost, 2 % hedged", nobody, [1], warm: 1000, noise: faults);
        yield return Batch("nobody, each wrong once in 100,000", nobody, [1], warm: 1000, noise: new(SoftErrors: 1e-5));
        yield return Batch("nobody, each wrong once in 10,000", nobody, [1], warm: 1000, noise: new(SoftErrors: 1e-4));
        yield return Batch(
            "colluders, f 0.2, 2 % lost, 2 % hedged, wrong once in 100,000", new(AdversaryKind.Colluders, 0.2, 0), noise: faults with { SoftErrors = 1e-5 });
    }
}
