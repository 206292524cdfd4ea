using System.Collections.Immutable;
using Orleans;
using PiGrid.Verification;

namespace PiGrid.Grains.Verification.Trust;

/// <summary>What all checks on the grid came to; everything in it halves every half-life, and found owners are remembered up to a number.</summary>
[GenerateSerializer, Alias("PiGrid.TrustBook")]
internal sealed record TrustBook
{
    /// <summary>How many of the owners found last are remembered: jobs that run ask for those that they have not heard of.</summary>
    public const int FoundMax = 10_000;

    // Decaying more often than this would change nothing that anybody could see.
    private static readonly TimeSpan DecayEvery = TimeSpan.FromMinutes(10);

    /// <summary>Checks by the bucket of those passed before.</summary>
    [Id(0)]
    public ImmutableArray<double> Checks { get; init; } = [.. new double[CheckLedger.Buckets]];

    /// <summary>Those of them that failed.</summary>
    [Id(1)]
    public ImmutableArray<double> Failures { get; init; } = [.. new double[CheckLedger.Buckets]];

    /// <summary>Nodes that were checked at all.</summary>
    [Id(2)]
    public double Nodes { get; init; }

    /// <summary>Owners that were found.</summary>
    [Id(3)]
    public double FoundShare { get; init; }

    /// <summary>How many were found ever.</summary>
    [Id(4)]
    public long Version { get; init; }

    /// <summary>The newest of them, the oldest first.</summary>
    [Id(5)]
    public ImmutableList<FoundOwner> Found { get; init; } = [];

    /// <summary>The instant to which the counts are decayed; the beginning of time before the first check.</summary>
    [Id(6)]
    public DateTimeOffset At { get; init; }

    /// <summary>After one more check.</summary>
    /// <param name="owner">Who answers for the node.</param>
    /// <param name="passed">The checks that it had passed before.</param>
    /// <param name="failed">Whether it failed.</param>
    /// <param name="isFirst">Whether it is the first check of a node.</param>
    /// <param name="now">The instant.</param>
    /// <param name="options">The half-life.</param>
    public TrustBook Record(OwnerId owner, int passed, bool failed, bool isFirst, DateTimeOffset now, TrustOptions options)
    {
        var book = Decay(now, options);
        var bucket = CheckLedger.Bucket(passed);
        book = book with { Checks = book.Checks.SetItem(bucket, book.Checks[bucket] + 1), Nodes = book.Nodes + (isFirst ? 1 : 0) };
        return !failed ? book : book with
        {
            Failures = book.Failures.SetItem(bucket, book.Failures[bucket] + 1),
            FoundShare = book.FoundShare + 1,
            Version = book.Version + 1,
            Found = (book.Found.Count < FoundMax ? book.Found : book.Found.RemoveAt(0)).Add(new FoundOwner(owner, now)),
        };
    }

    /// <summary>What a job may know, with the owners found after a version.</summary>
    public TrustView ToView(long known, DateTimeOffset now, TrustOptions options)
    {
        var book = Decay(now, options);
        var news = (int)Math.Clamp(book.Version - known, 0, book.Found.Count);
        return new TrustView
        {
            Checks = book.Checks.ToArray(),
            Failures = book.Failures.ToArray(),
            Saboteurs = RiskRules.Saboteurs((int)Math.Ceiling(book.FoundShare), (int)Math.Ceiling(book.Nodes), options),
            Version = book.Version,
            Found = book.Found.Skip(book.Found.Count - news).ToArray(),
        };
    }

    /// <summary>The book as this release counts: one that was kept by other buckets begins anew, but for who was found.</summary>
    public TrustBook Fit() => Checks.Length == CheckLedger.Buckets && Failures.Length == CheckLedger.Buckets
        ? this
        : new TrustBook { Nodes = Nodes, FoundShare = FoundShare, Version = Version, Found = Found, At = At };

    private TrustBook Decay(DateTimeOffset now, TrustOptions options)
    {
        if (At == default)
        {
            return this with { At = now };
        }

        if (now - At < DecayEvery)
        {
            return this;
        }

        var factor = Math.Pow(0.5, (now - At) / options.HalfLife);
        return this with
        {
            Checks = [.. Checks.Select(count => count * factor)],
            Failures = [.. Failures.Select(count => count * factor)],
            Nodes = Nodes * factor,
            FoundShare = FoundShare * factor,
            At = now,
        };
    }
}
