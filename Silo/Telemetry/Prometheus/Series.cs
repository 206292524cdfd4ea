namespace PiGrid.Silo.Telemetry.Prometheus;

/// <summary>The measurements of one metric with the same labels.</summary>
/// <param name="labels">The labels, as they are written.</param>
/// <param name="bounds">The upper bounds of a histogram's buckets, ascending; null for another kind.</param>
internal sealed class Series(string labels, double[]? bounds)
{
    private readonly Lock _gate = new();
    private readonly long[] _buckets = bounds is null ? [] : new long[bounds.Length + 1];
    private double _sum;

    /// <summary>The labels, as they are written.</summary>
    public string Labels => labels;

    /// <summary>One more measurement, or a change of the sum.</summary>
    public void Add(double value)
    {
        lock (_gate)
        {
            _sum += value;
            if (bounds is not null)
            {
                var at = Array.BinarySearch(bounds, value);
                _buckets[at < 0 ? ~at : at]++;
            }
        }
    }

    /// <summary>What the sum is now.</summary>
    public void Set(double value)
    {
        lock (_gate)
        {
            _sum = value;
        }
    }

    /// <summary>The sum, and how many measurements fell into each bucket; both of the same instant.</summary>
    public (double Sum, long[] Buckets) Read()
    {
        lock (_gate)
        {
            return (_sum, [.. _buckets]);
        }
    }
}
