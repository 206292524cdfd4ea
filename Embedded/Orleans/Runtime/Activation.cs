namespace Orleans.Embedded;

/// <summary>One activation of a grain. It is its own task scheduler: turns of its calls, timers and continuations run one at a time.
/// This file holds its identity and the rules of which request may start; see the other parts for turns and for its life.</summary>
internal sealed partial class Activation(SiloRuntime runtime, GrainClass grainClass, GrainId id) : TaskScheduler, IGrainContext {
    private LinkedList<Request>? _waiting;
    private Request? _blocking;
    private int _running;
    private Stage _stage;
    private AsyncServiceScope? _scope;

    private enum Stage : byte { Activating, Active, Deactivating, Dead }

    public GrainId GrainId { get; } = id;

    public SiloRuntime Runtime { get; } = runtime;

    public object? GrainInstance { get; private set; }

    public GrainReference GrainReference => grainClass.Reference(Runtime, GrainId);

    public IServiceProvider ActivationServices => (_scope ??= Runtime.Services.CreateAsyncScope()).ServiceProvider;

    /// <summary>Takes a request, now or when its turn comes. False when this activation is gone.</summary>
    public bool Receive(Request request) {
        lock (this) {
            if (_stage == Stage.Dead) { return false; }
            if (request.KeepsAlive) { _lastUsed = Runtime.CollectionTick; }
            if (_stage == Stage.Active && MayRun(request)) { Start(request); }
            else { (_waiting ??= new()).AddLast(request); }
            return true;
        }
    }

    public void Completed(Request request) {
        lock (this) {
            _running--;
            if (ReferenceEquals(_blocking, request)) { _blocking = null; }
            if (_stage == Stage.Active) { StartWaiting(); }
            else if (_stage == Stage.Deactivating && _running == 0) { Post(static self => self.FinishAsync()); }
        }
    }

    /// <summary>Turn-based execution and its exceptions: the same rules, in the same order, as in Orleans.</summary>
    private bool MayRun(Request request) => _running == 0 || request.AlwaysInterleave || _blocking is null
        || (_blocking.ReadOnly && request.ReadOnly) || grainClass.IsReentrant;

    private void Start(Request request) {
        _running++;
        if (!request.AlwaysInterleave) { _blocking ??= request; }
        Enqueue(request);
    }

    private void StartWaiting(bool all = false) {
        for (var waiting = _waiting?.First; waiting is not null;) {
            var (request, next) = (waiting.Value, waiting.Next);
            if (request.IsAbandoned || MayRun(request)) {
                _waiting!.Remove(waiting);
                if (!request.IsAbandoned) { Start(request); }
            }
            else if (!all && _blocking is not { ReadOnly: true }) {
                // What interleaves with anything never waits in an active grain, so nothing behind this one may run either.
                return;
            }
            waiting = next;
        }
    }
}
