namespace PiGrid.NodeAgent.Cache;

/// <summary>
/// A token bucket: bytes may flow at the rate, and one second's worth may come at once. The whole agent shares one, so that the cap holds over all
/// transfers together.
/// </summary>
internal sealed class BandwidthCap(TimeProvider time)
{
    private readonly Lock _gate = new();
    private long _rate;
    private double _available;
    private long _at = time.GetTimestamp();

    /// <summary>Bytes a second; 0 for no cap.</summary>
    public long BytesPerSecond
    {
        get => Interlocked.Read(ref _rate);
        set => Interlocked.Exchange(ref _rate, value);
    }

    /// <summary>Takes so many bytes, waiting until they may flow.</summary>
    public async Task TakeAsync(int bytes, CancellationToken cancellationToken)
    {
        if (Reserve(bytes) is { } wait && wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    // The bucket may go below empty: whoever takes too much waits for its own debt, and nobody starves.
    private TimeSpan Reserve(int bytes)
    {
        lock (_gate)
        {
            var rate = BytesPerSecond;
            if (rate == 0)
            {
                return TimeSpan.Zero;
            }

            var now = time.GetTimestamp();
            _available = Math.Min(rate, _available + (time.GetElapsedTime(_at, now).TotalSeconds * rate)) - bytes;
            _at = now;
            return _available >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_available / rate);
        }
    }
}
