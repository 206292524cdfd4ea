namespace Orleans.Embedded;

/// <summary>A call of a method on a grain or observer, from the caller's proxy to its answer.</summary>
internal abstract class Call(GrainMethod method, GrainRuntime runtime, GrainId target, object?[] arguments) : Request
{
    private const int ForwardsMax = 2;
    private int _forwards;
    private TimeSpan? _patience;
    private CancellationTokenSource? _callee;
    private CancellationTokenRegistration _caller;
    private Action? _cancelCallee;

    public GrainMethod Method { get; } = method;

    public GrainRuntime Runtime { get; } = runtime;

    public GrainId Target { get; } = target;

    public object?[] Arguments { get; private set; } = arguments;

    /// <summary>The request context that flows with the call.</summary>
    public Dictionary<string, object>? Context { get; private set; }

    /// <summary>True for a call off the wire, whose result is written at once and needs no copy.</summary>
    public bool IsInbound { get; private set; }

    /// <summary>Where this waits for its deadline; see <see cref="CallDeadlines"/>.</summary>
    public (int Stripe, long At) Deadline { get; set; }

    public sealed override bool ReadOnly => Method.ReadOnly;

    public sealed override bool AlwaysInterleave => Method.AlwaysInterleave;

    /// <summary>How long the caller waits.</summary>
    public TimeSpan ResponseTimeout => _patience ?? Method.Timeout ?? Runtime.ResponseTimeout;

    /// <summary>The outcome, whatever its type.</summary>
    public abstract Task Completion { get; }

    /// <summary>Takes what the caller gave and sends it on its way.</summary>
    public void Send()
    {
        Context = RequestContext.Current;
        var token = Method.TokenIndex >= 0 ? (CancellationToken)Arguments[Method.TokenIndex]! : default;
        if (token.IsCancellationRequested)
        {
            Fail(new OperationCanceledException(token));
            return;
        }
        if (token.CanBeCanceled) { ProvideToken(); }
        Arguments = Method.CopyArguments(Arguments);
        Start();
        if (token.CanBeCanceled)
        {
            _caller = token.UnsafeRegister(static (self, token) => ((Call)self!).OnCallerCancelled(token), this);
            if (IsAbandoned) { _caller.Unregister(); }
        }
    }

    /// <summary>Starts a call off the wire.</summary>
    public void SendInbound(Dictionary<string, object>? context, TimeSpan patience)
    {
        (Context, _patience, IsInbound) = (context, patience, true);
        if (Method.TokenIndex >= 0) { ProvideToken(); }
        Start();
    }

    /// <summary>The caller gave up: tells the callee, wherever the call went.</summary>
    public void CancelCallee() => (_cancelCallee ?? (() => _callee?.Cancel()))();

    /// <summary>The call went to another process, which is told so when the caller gives up.</summary>
    public void WentTo(Action cancel) => _cancelCallee = cancel;

    public sealed override void Reroute()
    {
        if (_forwards++ < ForwardsMax) { Runtime.Dispatch(this); }
        else { Fail(new OrleansMessageRejectionException($"{this} was not delivered: the activation ended {_forwards} times before it ran.")); }
    }

    /// <summary>Runs on an observer's object instead of an activation; never throws.</summary>
    public abstract Task RunOnAsync(object instance);

    /// <summary>Writes how the completed call ended.</summary>
    public abstract void WriteOutcome(WireWriter writer);

    /// <summary>Reads how the call ended elsewhere, and completes it so.</summary>
    public abstract void ReadOutcome(ref WireReader reader);

    public sealed override string ToString() => $"Request [{Target}] {Method.DisplayName}";

    // Callbacks of the callee's token run as turns of its activation.
    protected void RunsOn(Activation activation)
    {
        if (_callee is { } callee) { _cancelCallee = () => activation.Post(_ => { callee.Cancel(); return Task.CompletedTask; }); }
    }

    protected void Settled()
    {
        Runtime.Deadlines.Remove(this);
        _caller.Unregister();
    }

    private void ProvideToken()
    {
        _callee = new CancellationTokenSource();
        Arguments[Method.TokenIndex] = _callee.Token;
    }

    private void Start()
    {
        if (!Method.OneWay) { Runtime.Deadlines.Add(this); }
        Runtime.Dispatch(this);
    }

    private void OnCallerCancelled(CancellationToken token)
    {
        if (!IsAbandoned)
        {
            Fail(new OperationCanceledException(token));
            CancelCallee();
        }
    }
}
