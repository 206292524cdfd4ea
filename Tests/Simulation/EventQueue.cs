namespace PiGrid.Tests.Simulation;

/// <summary>
/// Virtual time: what is to happen, in order of instant and then of entry. Nothing else moves the clock, so a run is the same each time; its
/// <see cref="Hash"/> says whether two runs were.
/// </summary>
internal sealed class EventQueue
{
    private const ulong Prime = 1_099_511_628_211;

    // A Monday at midnight UTC.
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<Action, (long At, long Number)> _queue = new();
    private long _entered;

    /// <summary>The instant of the event that is happening.</summary>
    public DateTimeOffset Now { get; private set; } = Start;

    /// <summary>How much time has passed.</summary>
    public TimeSpan Elapsed => Now - Start;

    /// <summary>Events that have happened.</summary>
    public long Happened { get; private set; }

    /// <summary>Stands for the instants and the order of all events so far, and for what was noted of them.</summary>
    public ulong Hash { get; private set; } = 14_695_981_039_346_656_037;

    /// <summary>Enters an event.</summary>
    /// <param name="delay">How far ahead; what is behind happens now.</param>
    /// <param name="happen">What happens.</param>
    public void After(TimeSpan delay, Action happen) =>
        _queue.Enqueue(happen, ((delay > TimeSpan.Zero ? Now + delay : Now).UtcTicks, _entered++));

    /// <summary>Lets the next event happen, if there is one up to <paramref name="until"/>.</summary>
    /// <returns>Whether there was one.</returns>
    public bool RunNext(DateTimeOffset until)
    {
        if (!_queue.TryPeek(out var happen, out var place) || place.At > until.UtcTicks)
        {
            return false;
        }

        _queue.Dequeue();
        if (place.At != Now.UtcTicks)
        {
            Now = new DateTimeOffset(place.At, TimeSpan.Zero);
        }

        Happened++;
        Note(place.At);
        Note(place.Number);
        happen();
        return true;
    }

    /// <summary>Takes a number into the hash.</summary>
    public void Note(long value) => Hash = unchecked((Hash ^ (ulong)value) * Prime);
}
