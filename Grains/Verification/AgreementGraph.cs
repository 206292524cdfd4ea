using System.Collections.Immutable;
using System.Numerics;
using PiGrid.Verification;

namespace PiGrid.Grains.Verification;

/// <summary>
/// Which results agree with which. Near is not transitive: a may agree with b and b with c while a disagrees with c. So a group of agreeing
/// results is a clique, in which each agrees with every other, and not a chain.
/// </summary>
internal sealed class AgreementGraph
{
    private readonly Agreement[,] _relations;
    private readonly uint[] _neighbours;

    /// <summary>Compares every pair of results; equal outputs are compared once.</summary>
    /// <param name="candidates">The results, in order of arrival; at most 32.</param>
    /// <param name="comparator">When two agree.</param>
    /// <param name="earlier">The graph of the first of these results: what it has compared is not compared again.</param>
    /// <exception cref="ArgumentException">There are more than 32 results.</exception>
    public AgreementGraph(ImmutableArray<QuorumCandidate> candidates, Comparator comparator, AgreementGraph? earlier = null)
    {
        if (candidates.Length > 32)
        {
            throw new ArgumentException($"{candidates.Length} results are over the limit of 32.", nameof(candidates));
        }

        Candidates = candidates;
        Comparator = comparator;
        _relations = new Agreement[candidates.Length, candidates.Length];
        _neighbours = new uint[candidates.Length];
        var compared = earlier is not null && earlier.IsOfFirst(candidates) ? earlier.Candidates.Length : 0;
        var known = new Dictionary<(Sha256, string, Sha256, string), Agreement>();
        for (var i = 0; i < candidates.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var (a, b) = (candidates[i], candidates[j]);
                var key = (a.Digest, a.HardwareClass, b.Digest, b.HardwareClass);
                if (!known.TryGetValue(key, out var relation))
                {
                    relation = i < compared ? earlier!._relations[i, j] : Relate(comparator, a, b);
                    known[key] = relation;
                }

                _relations[i, j] = _relations[j, i] = relation;
                if (relation == Agreement.Agree && a.Owner != b.Owner)
                {
                    _neighbours[i] |= 1u << j;
                    _neighbours[j] |= 1u << i;
                }
            }
        }
    }

    /// <summary>The results, in order of arrival.</summary>
    public ImmutableArray<QuorumCandidate> Candidates { get; }

    /// <summary>When two agree.</summary>
    public Comparator Comparator { get; }

    /// <summary>Whether these are exactly the graph's results.</summary>
    public bool IsOf(ImmutableArray<QuorumCandidate> candidates) => candidates.Length == Candidates.Length && IsOfFirst(candidates);

    /// <summary>
    /// What two results say about each other. Equal digests always agree. Where the comparator is exact, a difference between hardware classes
    /// says nothing: honest nodes of different classes differ in the last bits.
    /// </summary>
    public static Agreement Relate(Comparator comparator, QuorumCandidate a, QuorumCandidate b) =>
        a.Digest == b.Digest ? Agreement.Agree
        : comparator.Kind == ComparatorKind.Exact && a.HardwareClass != b.HardwareClass ? Agreement.Inconclusive
        : OutputComparer.Compare(comparator, a.Output, b.Output);

    /// <summary>What the results at two indexes say about each other.</summary>
    public Agreement this[int a, int b] => a == b ? Agreement.Agree : _relations[a, b];

    /// <summary>
    /// The largest group of results from distinct owners that agree pairwise, as indexes in ascending order; among groups of one size the one
    /// whose indexes come first.
    /// </summary>
    public ImmutableArray<int> LargestGroup()
    {
        var best = 0u;
        var all = _neighbours.Length == 32 ? uint.MaxValue : (1u << _neighbours.Length) - 1;
        Grow(0, all, ref best);
        return [.. Enumerable.Range(0, _neighbours.Length).Where(i => (best & (1u << i)) != 0)];
    }

    /// <summary>Tries every group that extends this one by later results, those that come first, first; so a later one has to be larger.</summary>
    private void Grow(uint group, uint others, ref uint best)
    {
        if (BitOperations.PopCount(group) > BitOperations.PopCount(best))
        {
            best = group;
        }

        while (BitOperations.PopCount(group) + BitOperations.PopCount(others) > BitOperations.PopCount(best))
        {
            var next = BitOperations.TrailingZeroCount(others);
            others &= ~(1u << next);
            Grow(group | (1u << next), others & _neighbours[next], ref best);
        }
    }

    private bool IsOfFirst(ImmutableArray<QuorumCandidate> candidates)
    {
        if (candidates.Length < Candidates.Length)
        {
            return false;
        }

        for (var i = 0; i < Candidates.Length; i++)
        {
            if (Candidates[i].Lease != candidates[i].Lease)
            {
                return false;
            }
        }

        return true;
    }
}
