using Orleans;
using PiGrid.Grains.Storage;

namespace PiGrid.Silo.Dashboard;

/// <summary>
/// The incidents that the grid remembers, and the one that it cannot write down: that its store is away. That one is this silo's to tell while it lasts, and is entered
/// when it is over.
/// </summary>
internal sealed class IncidentSource : IDisposable
{
    private const string Store = "store";

    private readonly IGrainFactory _grains;
    private readonly StoreHealth _store;
    private readonly TimeProvider _time;

    // Ticks, so that it is read and written in one piece; 0 while the store is there.
    private long _awaySince;

    /// <summary>Listens to the store from now on.</summary>
    public IncidentSource(IGrainFactory grains, StoreHealth store, TimeProvider time)
    {
        (_grains, _store, _time) = (grains, store, time);
        _store.Lost += NoteLost;
        _store.Returned += NoteReturned;
    }

    private IIncidentsGrain Grain => _grains.GetGrain<IIncidentsGrain>(IIncidentsGrain.Key);

    /// <summary>All that are remembered: open ones first, then the newest.</summary>
    public async Task<IReadOnlyList<Incident>> ListAsync() => Away() is { } away ? [away, .. await Grain.List()] : await Grain.List();

    /// <summary>How many are open.</summary>
    public async Task<int> CountOpenAsync() => (await ListAsync()).Count(incident => incident.ClosedAt is null);

    /// <inheritdoc/>
    public void Dispose()
    {
        _store.Lost -= NoteLost;
        _store.Returned -= NoteReturned;
    }

    private Incident? Away() => _store.Problem is not { } problem ? null : new Incident
    {
        Kind = IncidentKind.StoreUnavailable,
        Subject = Store,
        Detail = problem,
        OpenedAt = Interlocked.Read(ref _awaySince) is > 0 and var since ? new DateTimeOffset(since, TimeSpan.Zero) : _time.GetUtcNow(),
        SeenAt = _time.GetUtcNow(),
    };

    private void NoteLost() => Interlocked.Exchange(ref _awaySince, _time.GetUtcNow().UtcTicks);

    private void NoteReturned()
    {
        var since = new DateTimeOffset(Interlocked.Exchange(ref _awaySince, 0), TimeSpan.Zero);
        _ = Grain.Report(IncidentKind.StoreUnavailable, Store, $"It could not be used from {since:u} until {_time.GetUtcNow():u}.");
        _ = Grain.Close(IncidentKind.StoreUnavailable, Store);
    }
}
