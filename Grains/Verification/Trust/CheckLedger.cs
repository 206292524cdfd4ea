using System.Numerics;

namespace PiGrid.Grains.Verification.Trust;

/// <summary>
/// How often checks failed, by how many checks the checked node had passed before. Results are checked at random, so the share of failures
/// among nodes with about k passed checks is the share of wrong results among the unchecked results of such nodes: an estimate that needs to know
/// neither how many saboteurs there are nor how often each lies. That is what makes the usual bound f / (k e), in which f is given, unnecessary.
/// </summary>
internal sealed class CheckLedger
{
    /// <summary>Classes of passed checks; see <see cref="Bucket"/>.</summary>
    public const int Buckets = 128;

    // A job is delivered at the first moment at which the estimate is low enough, so a lucky moment is looked for: two deviations, and five failures
    // never seen, where three would be the 95 % bound for none seen in a fixed number of checks.
    private const double Deviations = 2;
    private const double Least = 5;

    // Three doublings of the checks, and half of one.
    private const int Slack = 12;
    private const int LatelySlack = 2;
    private readonly double[] _checks = new double[Buckets];
    private readonly double[] _failures = new double[Buckets];
    private int _top;

    /// <summary>Nothing is recorded.</summary>
    public CheckLedger()
    {
    }

    /// <summary>What was recorded elsewhere, by bucket.</summary>
    /// <exception cref="ArgumentException">There are not as many numbers as buckets.</exception>
    public CheckLedger(IReadOnlyList<double> checks, IReadOnlyList<double> failures)
    {
        if (checks.Count != Buckets || failures.Count != Buckets)
        {
            throw new ArgumentException($"A ledger has {Buckets} buckets, not {checks.Count} and {failures.Count}.", nameof(checks));
        }

        for (var i = 0; i < Buckets; i++)
        {
            (_checks[i], _failures[i]) = (checks[i], failures[i]);
            _top = checks[i] > 0 ? i : _top;
        }
    }

    /// <summary>Checks recorded, by bucket, decayed.</summary>
    public double[] ChecksByBucket => [.. _checks];

    /// <summary>Failures recorded, by bucket, decayed.</summary>
    public double[] FailuresByBucket => [.. _failures];

    /// <summary>The checks that a node had passed at the median recorded one, about; 0 when nothing is recorded.</summary>
    public int MedianDepth
    {
        get
        {
            var left = Checks / 2;
            for (var (depth, bucket) = (0, 0); depth < int.MaxValue / 2; depth = Math.Max(depth + 1, depth + (depth / 16)))
            {
                for (; bucket <= Bucket(depth); bucket++)
                {
                    left -= _checks[bucket];
                    if (left <= 0)
                    {
                        return depth;
                    }
                }
            }

            return 0;
        }
    }

    /// <summary>Checks recorded, decayed.</summary>
    public double Checks => _checks.Sum();

    /// <summary>Failures recorded, decayed.</summary>
    public double Failures => _failures.Sum();

    /// <summary>Records a check of a node that had passed <paramref name="depth"/> before.</summary>
    public void Add(int depth, bool failed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(depth);
        var bucket = Bucket(depth);
        _top = Math.Max(_top, bucket);
        _checks[bucket]++;
        if (failed)
        {
            _failures[bucket]++;
        }
    }

    /// <summary>Makes what is recorded count less; <paramref name="factor"/> is 0 to 1.</summary>
    public void Decay(double factor)
    {
        for (var i = 0; i < _checks.Length; i++)
        {
            _checks[i] *= factor;
            _failures[i] *= factor;
        }
    }

    /// <summary>
    /// Makes what is recorded weigh as <paramref name="checksMax"/> checks at most. What nodes did before a job says nothing of those that waited for it,
    /// so what a job takes over from the grid must not drown what its own checks find.
    /// </summary>
    public void Limit(double checksMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(checksMax);
        var checks = Checks;
        if (checks > checksMax)
        {
            Decay(checksMax / checks);
        }
    }

    /// <summary>Adds what another ledger holds.</summary>
    public void Add(CheckLedger other)
    {
        _top = Math.Max(_top, other._top);
        for (var i = 0; i < _checks.Length; i++)
        {
            _checks[i] += other._checks[i];
            _failures[i] += other._failures[i];
        }
    }

    /// <summary>
    /// The share of wrong results, at most, among results of nodes that have passed <paramref name="depth"/> checks; 0 to 1. Pools what was seen of nodes
    /// from an eighth as many checks on, or from more where that says less: how likely a survivor is to lie falls with the checks that it survived, and few have
    /// come as far as the furthest. Who begins to lie late is not diluted by it: its results before that are right, in the share in which its checks passed.
    /// </summary>
    public double Hazard(int depth) => Share(Bucket(depth), Slack, atLeast: 0);

    /// <summary>
    /// As <see cref="Hazard"/>, from about half as many checks on: for answers that cannot be taken back, to which it is no comfort that those before were right.
    /// </summary>
    public double Lately(int depth) => Share(Bucket(depth), LatelySlack, atLeast: 0);

    /// <summary>
    /// As <see cref="Hazard"/>, where something failed; 0 where nothing did. It says that something is wrong, not that nothing is: so nodes of whom none failed count
    /// as if one had. Leaving them out would let their first failure lower the share.
    /// </summary>
    public double Seen(int depth) => Share(Bucket(depth), Slack, atLeast: 1);

    /// <summary><see cref="Hazard"/> of each class of passed checks.</summary>
    public double[] Hazards() => [.. Enumerable.Range(0, Buckets).Select(bucket => Share(bucket, Slack, atLeast: 0))];

    private double Share(int bucket, int slack, double atLeast)
    {
        var (checks, failures, least) = (0.0, 0.0, 1.0);
        for (var i = Math.Max(_top, bucket); i >= Math.Max(0, bucket - slack); i--)
        {
            checks += _checks[i];
            failures += _failures[i];
            if (i <= bucket)
            {
                var counted = Math.Max(atLeast, failures);
                least = Math.Min(least, (counted + (Deviations * Math.Sqrt(counted)) + Least) / (checks + 1));
            }
        }

        return failures == 0 && atLeast > 0 ? 0 : least;
    }

    /// <summary>The class of a number of passed checks: each number to 7 is its own, then there are four classes to each doubling.</summary>
    public static int Bucket(int depth)
    {
        if (depth < 8)
        {
            return depth;
        }

        var octave = BitOperations.Log2((uint)depth);
        return 8 + (4 * (octave - 3)) + ((depth >> (octave - 2)) & 3);
    }
}
