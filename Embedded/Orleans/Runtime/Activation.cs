namespace Orleans.Embedded;

/// <summary>
/// One activation of a grain. It is its own task scheduler: turns of its calls, timers and continuations run one at a time.
/// This file holds its identity and the rules of which request may start; see the other parts for turns and for its life.
/// </summary>
internal sealed partial class Activation(SiloRuntime runtime, GrainClass grainClass, GrainId id) : TaskScheduler, IGrainContext
{
    private Request? _waitingFirst;
    private Request? _waitingLast;
    private Request? _blocking;
    private int _running;
    private Stage _stage;
    private AsyncServiceScope? _scope;
    private ActivationExtras? _extras;

    private enum Stage : byte
    {
        Activating,
        Active,
        Deactivating,
        Dead,
    }

    public GrainId GrainId { get; } = id;

    public SiloRuntime Runtime { get; } = runtime;

    public object? GrainInstance { get; private set; }

    public ActivationId ActivationId => Extras.Id;

    public GrainReference GrainReference => grainClass.Reference(Runtime, GrainId);

    public Task Deactivated => Extras.Deactivated.Task;

    public IServiceProvider ActivationServices
    {
        get
        {
            _scope ??= Runtime.Services.CreateAsyncScope();
            return _scope.Value.ServiceProvider;
        }
    }

    /// <summary>Streams that callers pull from this activation.</summary>
    public Enumerators Enumerators => Extras.Enumerators;

    // Rarely needed parts live apart, so that an idle activation stays small.
    private ActivationExtras Extras
    {
        get
        {
            if (_extras is null) { Interlocked.CompareExchange(ref _extras, new ActivationExtras(), null); }
            return _extras;
        }
    }

    /// <summary>Takes a request, now or when its turn comes. False when this activation is gone.</summary>
    public bool Receive(Request request)
    {
        lock (this)
        {
            if (_stage == Stage.Dead) { return false; }
            if (request.KeepsAlive) { _lastUsed = Runtime.CollectionTick; }
            if (_stage == Stage.Active && MayRun(request)) { Start(request); }
            else { Wait(request); }
            return true;
        }
    }

    /// <summary>A request is done: others may start.</summary>
    public void Completed(Request request)
    {
        lock (this)
        {
            _running--;
            if (ReferenceEquals(_blocking, request)) { _blocking = null; }
            if (_stage == Stage.Active) { StartWaiting(); }
            else if (_stage == Stage.Deactivating && _running == 0) { Post(static self => self.FinishAsync()); }
        }
    }

    /// <summary>Turn-based execution and its exceptions: the same rules, in the same order, as in Orleans.</summary>
    private bool MayRun(Request request) =>
        _running == 0 || request.AlwaysInterleave || _blocking is null
        || (_blocking.ReadOnly && request.ReadOnly) || grainClass.IsReentrant;

    private void Start(Request request)
    {
        _running++;
        if (_blocking is null && !request.AlwaysInterleave) { _blocking = request; }
        Enqueue(request);
    }

    private void Wait(Request request)
    {
        request.Next = null;
        if (_waitingLast is null) { _waitingFirst = request; }
        else { _waitingLast.Next = request; }
        _waitingLast = request;
    }

    private void StartWaiting(bool all = false)
    {
        Request? before = null;
        for (var request = _waitingFirst; request is not null;)
        {
            var next = request.Next;
            if (request.IsAbandoned || MayRun(request))
            {
                Unlink(before, request);
                if (!request.IsAbandoned) { Start(request); }
            }
            else if (!all && _blocking is not { ReadOnly: true })
            {
                // Requests that interleave with anything never wait here, so nothing behind this one may run either.
                return;
            }
            else { before = request; }
            request = next;
        }
    }

    private void Unlink(Request? before, Request request)
    {
        if (before is null) { _waitingFirst = request.Next; }
        else { before.Next = request.Next; }
        if (ReferenceEquals(_waitingLast, request)) { _waitingLast = before; }
        request.Next = null;
    }

    private Request? TakeWaiting()
    {
        var first = _waitingFirst;
        _waitingFirst = _waitingLast = null;
        return first;
    }
}
