namespace PiGrid.Grains.Time;

/// <summary>
/// The machine's clock, except that it never goes back. Leases, checkpoints and patience are measured by it: were it set back by an hour, all of them
/// would stand still for an hour. So from then on time goes on at its own pace, ahead of the clock by as much, until the clock has caught up or the
/// silo starts again. A clock that is set forward is followed at once: a lease that ends early costs a replica, nothing more.
/// </summary>
/// <param name="clock">The machine's clock.</param>
public sealed class SteadyTime(TimeProvider clock) : TimeProvider
{
    private readonly Lock _gate = new();
    private DateTimeOffset _last = clock.GetUtcNow();
    private long _lastStamp = clock.GetTimestamp();

    /// <inheritdoc/>
    public override long TimestampFrequency => clock.TimestampFrequency;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => clock.LocalTimeZone;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            var (wall, stamp) = (clock.GetUtcNow(), clock.GetTimestamp());
            _last = wall >= _last ? wall : _last + clock.GetElapsedTime(_lastStamp, stamp);
            _lastStamp = stamp;
            return _last;
        }
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => clock.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        clock.CreateTimer(callback, state, dueTime, period);
}
