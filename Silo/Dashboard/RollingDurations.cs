using PiGrid.Api;

namespace PiGrid.Silo.Dashboard;

/// <summary>
/// Durations of the last minutes: how many ended in each second, and their percentiles. A ring of seconds with counts in buckets of constant relative width, so that a
/// percentile is right within 10 %, and adding costs two increments. Thread-safe.
/// </summary>
internal sealed class RollingDurations
{
    /// <summary>How many seconds are remembered.</summary>
    public const int Seconds = 120;

    // Over which percentiles and the rate are taken.
    private const int PercentileSeconds = 60, RateSeconds = 10;
    private const double Width = 1.2, ShortestSeconds = 0.0001;
    private const int Buckets = 112;

    private readonly Lock _lock = new();
    private readonly int[] _ended = new int[Seconds];
    private readonly ushort[,] _counts = new ushort[PercentileSeconds, Buckets];
    private long _newest = long.MinValue;

    /// <summary>One has ended.</summary>
    /// <param name="seconds">How long it took.</param>
    /// <param name="now">When.</param>
    public void Add(double seconds, DateTimeOffset now)
    {
        var bucket = seconds <= ShortestSeconds ? 0 : (int)Math.Min(Buckets - 1, Math.Ceiling(Math.Log(seconds / ShortestSeconds, Width)));
        lock (_lock)
        {
            var second = Move(now);
            _ended[second % Seconds]++;
            ref var count = ref _counts[second % PercentileSeconds, bucket];
            count += (ushort)(count < ushort.MaxValue ? 1 : 0);
        }
    }

    /// <summary>What is known at an instant.</summary>
    public GridPace At(DateTimeOffset now)
    {
        lock (_lock)
        {
            var second = Move(now);
            var perSecond = Enumerable.Range(1, Seconds - 1).Select(i => _ended[(second + i) % Seconds]).ToArray();
            var sums = new long[Buckets];
            for (var s = 0; s < PercentileSeconds; s++)
            {
                for (var b = 0; b < Buckets; b++)
                {
                    sums[b] += _counts[s, b];
                }
            }

            // The second that runs is not over: it counts for percentiles, not for the rate.
            return new GridPace
            {
                PerSecond = perSecond[^RateSeconds..].Sum() / (double)RateSeconds,
                History = perSecond,
                P50Ms = Quantile(sums, 0.5),
                P95Ms = Quantile(sums, 0.95),
                P99Ms = Quantile(sums, 0.99),
            };
        }
    }

    private static double? Quantile(long[] counts, double share)
    {
        var all = counts.Sum();
        if (all == 0)
        {
            return null;
        }

        var left = Math.Max(1, (long)Math.Ceiling(share * all));
        var bucket = 0;
        while ((left -= counts[bucket]) > 0)
        {
            bucket++;
        }

        return Math.Round(ShortestSeconds * 1000 * Math.Pow(Width, bucket - 0.5), 3);
    }

    // A clock that is set back counts for the newest second.
    private int Move(DateTimeOffset now)
    {
        var second = now.ToUnixTimeSeconds();
        if (_newest == long.MinValue)
        {
            _newest = second;
        }

        for (var cleared = 0; _newest < second; _newest++, cleared++)
        {
            if (cleared >= Seconds)
            {
                _newest = second;
                break;
            }

            _ended[(int)((_newest + 1) % Seconds)] = 0;
            for (var b = 0; b < Buckets; b++)
            {
                _counts[(int)((_newest + 1) % PercentileSeconds), b] = 0;
            }
        }

        // 120 is a multiple of 60: one number serves both rings.
        return (int)(_newest % Seconds);
    }
}
