namespace PiGrid.Grains.Scheduling;

/// <summary>
/// The distribution of durations, kept in buckets of constant relative width (as in DDSketch, Masson et al. 2019): a quantile is right within
/// 5 %. Old durations fade: once enough are known all counts are halved, so that the newest few thousand decide.
/// </summary>
internal sealed class DurationSketch
{
    private const double Width = 1.1;
    private const double ShortestMs = 0.1;

    // The longest bucket begins at about a day.
    private const int Buckets = 216;
    private const int KnownMax = 4_096;

    private readonly ushort[] _counts = new ushort[Buckets];

    /// <summary>How many durations count.</summary>
    public int Known { get; private set; }

    /// <summary>Adds a duration; a negative one counts as the shortest.</summary>
    public void Add(TimeSpan duration)
    {
        var above = duration.TotalMilliseconds / ShortestMs;
        _counts[above <= 1 ? 0 : Math.Min(Buckets - 1, (int)Math.Ceiling(Math.Log(above, Width)))]++;
        Known++;
        if (Known >= KnownMax)
        {
            Fade();
        }
    }

    /// <summary>The duration that a share of all does not exceed.</summary>
    /// <param name="share">From 0 to 1.</param>
    /// <exception cref="InvalidOperationException">Nothing is known.</exception>
    public TimeSpan Quantile(double share)
    {
        if (Known == 0)
        {
            throw new InvalidOperationException("No duration is known.");
        }

        var left = Math.Max(1, (int)Math.Ceiling(share * Known));
        var bucket = 0;
        while ((left -= _counts[bucket]) > 0)
        {
            bucket++;
        }

        // The middle of the bucket, on its relative scale.
        return TimeSpan.FromMilliseconds(ShortestMs * Math.Pow(Width, bucket - 0.5));
    }

    private void Fade()
    {
        Known = 0;
        for (var i = 0; i < Buckets; i++)
        {
            _counts[i] /= 2;
            Known += _counts[i];
        }
    }
}
