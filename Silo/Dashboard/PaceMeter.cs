using System.Diagnostics.Metrics;
using PiGrid.Grains.Telemetry;

namespace PiGrid.Silo.Dashboard;

/// <summary>
/// How fast shards are accepted and calls answered, heard from the silo's own instruments (docs/telemetry.md), so that the dashboard and the monitoring cannot say two
/// different things. In memory, of this silo alone, since it started.
/// </summary>
internal sealed class PaceMeter : IDisposable
{
    private const string ShardDuration = "pigrid.shard.duration", CallDuration = "pigrid.call.duration", Outcome = "pigrid.outcome", Answered = "answered";

    private readonly MeterListener _listener = new();
    private readonly TimeProvider _time;

    /// <summary>Listens from now on.</summary>
    /// <param name="factory">Tells this silo's instruments from another's in the same process.</param>
    /// <param name="time">The clock.</param>
    public PaceMeter(IMeterFactory factory, TimeProvider time)
    {
        _time = time;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == GridMetrics.Name && instrument.Meter.Scope == factory && instrument.Name is ShardDuration or CallDuration)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>(Hear);
        _listener.Start();
    }

    /// <summary>Accepted shards of jobs, from their opening to their acceptance.</summary>
    public RollingDurations Shards { get; } = new();

    /// <summary>Answered online calls.</summary>
    public RollingDurations Calls { get; } = new();

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private void Hear(Instrument instrument, double seconds, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        if (instrument.Name == ShardDuration)
        {
            Shards.Add(seconds, _time.GetUtcNow());
        }
        else if (IsAnswered(tags))
        {
            Calls.Add(seconds, _time.GetUtcNow());
        }
    }

    private static bool IsAnswered(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == Outcome)
            {
                return tag.Value as string == Answered;
            }
        }

        return false;
    }
}
