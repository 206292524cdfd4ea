using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using PiGrid.Grains.Verification;
using PiGrid.Verification;

namespace PiGrid.Benchmarks.Forge;

/// <summary>
/// What near but not equal results can do to a quorum. Honest results differ by a thousandth of the tolerance; forged ones lie at multiples of half a
/// tolerance from them and come at any time. All orders and all places are tried.
/// </summary>
internal static class ChainForger
{
    private const int Honest = 3;
    private const double Noise = 1e-3;
    private static readonly Comparator Rule = new() { Kind = ComparatorKind.Tensors, Absolute = 1, Relative = 0 };

    // Just inside the tolerance of one honest result is outside of another's.
    private static readonly double[] Places = [0.5, 1 - (Noise / 2), 1, 1.5, 2 - (Noise / 2), 2.5, 3];

    /// <summary>Prints a row per quorum.</summary>
    public static void Search()
    {
        foreach (var (agreeing, liars) in new[] { (2, 1), (3, 1), (3, 2), (4, 3) })
        {
            var (tried, farthest, framed) = (0, 0.0, 0);
            foreach (var places in Choices(liars))
            {
                foreach (var order in Orders(liars))
                {
                    tried++;
                    var (distance, punished) = Play(agreeing, places, order);
                    farthest = Math.Max(farthest, distance);
                    framed += punished ? 1 : 0;
                }
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| chain | quorum({agreeing}) | {liars} forged among {Honest} honest | {tried} | | | | accepted at most {farthest:0.###} tolerances away; an honest result rejected in {framed} |"));
        }
    }

    /// <summary>How far the accepted result is from the honest ones, and whether an honest one was rejected.</summary>
    private static (double Distance, bool Punished) Play(int agreeing, double[] places, bool[] order)
    {
        var candidates = ImmutableArray<QuorumCandidate>.Empty;
        var (honest, forged) = (0, 0);
        foreach (var isForged in order)
        {
            var value = isForged ? places[forged++] : (honest++ - 1) * Noise;
            candidates = candidates.Add(Candidate(candidates.Length, value));
            if (QuorumRules.Decide(new AgreementGraph(candidates, Rule), agreeing, [], 9) is QuorumDecision.Accept)
            {
                break;
            }
        }

        // Results that run when the shard is decided still come, and are compared with the canonical one.
        for (var late = candidates.Length; late < order.Length; late++)
        {
            candidates = candidates.Add(Candidate(late, order[late] ? places[forged++] : (honest++ - 1) * Noise));
        }

        return QuorumRules.Decide(new AgreementGraph(candidates, Rule), agreeing, [], 9) is QuorumDecision.Accept accept
            ? (Math.Abs(ValueOf(candidates, accept.Canonical)), accept.Contradicting.Any(lease => Math.Abs(ValueOf(candidates, lease)) <= Noise))
            : (0, false);
    }

    private static double ValueOf(ImmutableArray<QuorumCandidate> candidates, LeaseId lease) =>
        MemoryMarshal.Read<double>(candidates.Single(c => c.Lease == lease).Output.Items[0].Tensors![0].Data);

    private static QuorumCandidate Candidate(int number, double value)
    {
        var data = new byte[8];
        MemoryMarshal.Write(data, value);
        var output = new ShardOutput { Items = [new() { Tensors = [new("y", "float64", [1], data)] }] };
        byte[] id = [.. BitConverter.GetBytes(number), .. new byte[12]];
        return new(LeaseId.FromBytes(id), OwnerId.FromBytes(id), CanonicalJson.Digest(output), "x64", output);
    }

    private static IEnumerable<double[]> Choices(int count) => count == 0
        ? [[]]
        : Choices(count - 1).SelectMany(_ => Places, (rest, place) => rest.Append(place).ToArray());

    private static IEnumerable<bool[]> Orders(int liars) => Enumerable.Range(0, 1 << (Honest + liars))
        .Select(bits => Enumerable.Range(0, Honest + liars).Select(i => (bits & (1 << i)) != 0).ToArray())
        .Where(order => order.Count(isForged => isForged) == liars);
}
