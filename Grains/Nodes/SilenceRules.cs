namespace PiGrid.Grains.Nodes;

/// <summary>
/// How long a node may be silent. An accrual detector ("The phi accrual failure detector", Hayashibara et al. 2004): phi is minus the decimal
/// logarithm of the probability that a heartbeat comes even later, given the intervals until now as normally distributed. A node with a steady
/// rhythm is suspected sooner than one whose connection stutters. Whatever its rhythm, it is suspected before
/// <see cref="NodeOptions.HeartbeatsMissedMax"/> heartbeats are missed, and lost then or after at most twice that.
/// </summary>
internal static class SilenceRules
{
    // Until so many intervals are known the rhythm says little: the bounds alone hold.
    private const int BeatsMin = 5;

    // The least deviation that is believed, as a share of the interval: machines pause for a moment now and then.
    private const double DeviationMin = 0.15;

    // A node is never suspected before half an interval is overdue.
    private const double SuspectMin = 1.5;

    // A new replica is to be under way when the heartbeats that may be missed are: what it takes to place one is left over.
    private const double SuspectMax = 0.9;

    /// <summary>The silence after which a node is suspected: its shards ask for another replica, it gets nothing new.</summary>
    public static TimeSpan SuspectAfter(HeartbeatRhythm rhythm, NodeOptions options)
    {
        var most = options.Heartbeat * options.HeartbeatsMissedMax * SuspectMax;
        var least = options.Heartbeat * SuspectMin;
        return Between(After(rhythm, options.SuspectPhi, options), least < most ? least : most, most);
    }

    /// <summary>The silence after which a node is lost: its session is closed.</summary>
    public static TimeSpan LostAfter(HeartbeatRhythm rhythm, NodeOptions options)
    {
        var least = options.Heartbeat * options.HeartbeatsMissedMax;
        return Between(After(rhythm, options.LostPhi, options), least, least * 2);
    }

    private static TimeSpan Between(TimeSpan? value, TimeSpan least, TimeSpan most) =>
        value is not { } known || known > most ? most : known < least ? least : known;

    private static TimeSpan? After(HeartbeatRhythm rhythm, double phi, NodeOptions options)
    {
        if (rhythm.Beats < BeatsMin)
        {
            return null;
        }

        var deviation = Math.Max(Math.Sqrt(rhythm.Variance), DeviationMin * options.Heartbeat.TotalSeconds);
        return TimeSpan.FromSeconds(Math.Min(rhythm.Mean + (deviation * Deviations(phi)), TimeSpan.MaxValue.TotalSeconds / 2));
    }

    /// <summary>The standard deviations above the mean at which phi is reached, by the logistic approximation of the normal distribution.</summary>
    private static double Deviations(double phi)
    {
        // phi(y) = log10(1 + exp(y (1.5976 + 0.070566 y^2))) grows with y; the halves close in on the y sought.
        var (low, high) = (0.0, 16.0);
        for (var i = 0; i < 50; i++)
        {
            var middle = (low + high) / 2;
            var reached = Math.Log10(1 + Math.Exp(Math.Min(700, middle * (1.5976 + (0.070566 * middle * middle)))));
            (low, high) = reached < phi ? (middle, high) : (low, middle);
        }

        return high;
    }
}
