namespace Orleans.Embedded;

/// <summary>A call of a method on a grain or observer, from the caller's proxy to its answer.</summary>
internal sealed class Call(GrainMethod method, GrainRuntime runtime, GrainId target, object?[] arguments) : Request {
    private const int ForwardsMax = 2;
    private int _forwards;
    private bool _isInbound;
    private TimeSpan? _patience;
    private ITimer? _deadline;
    private CancellationTokenSource? _callee;
    private CancellationTokenRegistration _caller;
    private Action? _cancelCallee;

    public GrainMethod Method => method;

    public GrainId Target => target;

    public object?[] Arguments { get; private set; } = arguments;

    public Dictionary<string, object>? Context { get; private set; }

    public Outcome Outcome { get; } = method.NewOutcome();

    public override bool ReadOnly => method.ReadOnly;

    public override bool AlwaysInterleave => method.AlwaysInterleave;

    /// <summary>True when nobody waits any more. Of a one-way call nobody ever does, and it is run all the same.</summary>
    public override bool IsAbandoned => Outcome.Task.IsCompleted && !method.OneWay;

    public TimeSpan ResponseTimeout => _patience ?? method.Timeout ?? runtime.ResponseTimeout;

    public void Send() {
        Context = RequestContext.Current;
        var token = method.TokenIndex >= 0 ? (CancellationToken)Arguments[method.TokenIndex]! : default;
        if (token.IsCancellationRequested) {
            Fail(new OperationCanceledException(token));
            return;
        }
        if (token.CanBeCanceled) { ProvideToken(); }
        Arguments = method.CopyArguments(Arguments);
        Start();
        if (token.CanBeCanceled && !IsAbandoned) {
            _caller = token.UnsafeRegister(static (self, token) => ((Call)self!).OnCallerCancelled(token), this);
        }
    }

    public void SendInbound(Dictionary<string, object>? context, TimeSpan patience) {
        (Context, _patience, _isInbound) = (context, patience, true);
        if (method.TokenIndex >= 0) { ProvideToken(); }
        Start();
    }

    /// <summary>The caller gave up: tells the callee, wherever the call went.</summary>
    public void CancelCallee() => (_cancelCallee ?? (() => _callee?.Cancel()))();

    /// <summary>The call went to another process, which is told so when the caller gives up.</summary>
    public void WentTo(Action cancel) => _cancelCallee = cancel;

    public override void Reroute() {
        if (_forwards++ < ForwardsMax) { runtime.Dispatch(this); }
        else { Fail(new OrleansMessageRejectionException($"{this} was not delivered: the activation ended {_forwards} times before it ran.")); }
    }

    public override async Task RunAsync(Activation activation) {
        // Callbacks of the callee's token run as turns of its activation.
        if (_callee is { } callee) { _cancelCallee = () => activation.Post(_ => { callee.Cancel(); return Task.CompletedTask; }); }
        if (await InvokeAsync(activation, activation.GrainInstance!) is InconsistentStateException { IsSourceActivation: true } stale) {
            stale.IsSourceActivation = false;
            activation.Deactivate(new(DeactivationReasonCode.ApplicationError, stale, stale.Message));
        }
        activation.Completed(this);
    }

    /// <summary>Runs on an observer's object instead of an activation; never throws.</summary>
    public Task RunOnAsync(object instance) => InvokeAsync(null, instance).AsTask();

    public override void Fail(Exception failure) {
        if (Outcome.TryFail(failure)) { Settled(); }
        if (method.OneWay) {
            // Nobody awaits it, so look at the exception once and log it.
            _ = Outcome.Task.Exception;
            runtime.LogOneWayFailed(failure, this);
        }
    }

    public void WriteOutcome(WireWriter writer) {
        var failure = Outcome.Task.IsCanceled ? new OperationCanceledException() : Outcome.Task.Exception?.InnerException;
        ExceptionCodec.OrNull.Write(writer, failure);
        if (failure is null) { method.WriteResult(writer, Outcome.Result); }
    }

    public void ReadOutcome(ref WireReader reader) {
        if (ExceptionCodec.OrNull.Read(ref reader) is Exception failure) { Fail(failure); }
        else if (Outcome.TrySet(method.ReadResult(ref reader))) { Settled(); }
    }

    public override string ToString() => $"Request [{target}] {method.DisplayName}";

    private async ValueTask<Exception?> InvokeAsync(Activation? activation, object instance) {
        try {
            if (Context is not null) { RequestContext.Current = Context; }
            var result = await method.InvokeAsync(Outcome, activation, instance, Arguments);
            if (Outcome.TrySet(_isInbound ? result : method.CopyResult(result))) { Settled(); }
            return null;
        }
        catch (Exception failure) {
            Fail(failure);
            return failure;
        }
    }

    private void ProvideToken() {
        _callee = new CancellationTokenSource();
        Arguments[method.TokenIndex] = _callee.Token;
    }

    private void Start() {
        if (!method.OneWay) {
            _deadline = TimeProvider.System.CreateTimer(
                static self => ((Call)self!).OnLate(), this, ResponseTimeout, Timeout.InfiniteTimeSpan);
        }
        runtime.Dispatch(this);
    }

    private void Settled() {
        _deadline?.Dispose();
        _caller.Unregister();
    }

    private void OnLate() => Fail(new TimeoutException($"Response did not arrive on time in {ResponseTimeout} for message: {this}."));

    private void OnCallerCancelled(CancellationToken token) {
        if (IsAbandoned) { return; }
        Fail(new OperationCanceledException(token));
        CancelCallee();
    }
}
