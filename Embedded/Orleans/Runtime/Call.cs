namespace Orleans.Embedded;

/// <summary>A call of a method on a grain or observer, from the caller's proxy to its answer.</summary>
internal abstract class Call(GrainMethod method, GrainRuntime runtime, GrainId target, object?[] arguments) : Request
{
    private const int ForwardsMax = 2;
    private int _forwards;
    private CallCancellation? _cancellation;
    private GatewayConnection? _sentBy;
    private long _sentId;
    private TimeSpan? _patience;

    public GrainMethod Method { get; } = method;

    public GrainRuntime Runtime { get; } = runtime;

    public GrainId Target { get; } = target;

    public object?[] Arguments { get; private set; } = arguments;

    /// <summary>The request context that flows with the call.</summary>
    public Dictionary<string, object>? Context { get; private set; }

    /// <summary>True for a call off the wire, whose result is written at once and needs no copy.</summary>
    public bool KeepsResult { get; init; }

    /// <summary>Where this call waits for its deadline; see <see cref="CallDeadlines"/>.</summary>
    public DeadlineLinks Deadline;

    public sealed override bool ReadOnly => Method.ReadOnly;

    public sealed override bool AlwaysInterleave => Method.AlwaysInterleave;

    /// <summary>How long the caller waits.</summary>
    public TimeSpan ResponseTimeout => _patience ?? Method.Timeout ?? Runtime.ResponseTimeout;

    /// <summary>The outcome; for a call off the wire.</summary>
    public abstract Task Completion { get; }

    /// <summary>Takes what the caller gave and sends it on its way.</summary>
    public void Send()
    {
        Context = RequestContext.Current;
        if (Method.TokenIndex >= 0 && Arguments[Method.TokenIndex] is CancellationToken { CanBeCanceled: true } token)
        {
            if (token.IsCancellationRequested)
            {
                Fail(new OperationCanceledException(token));
                return;
            }
            _cancellation = new CallCancellation(this);
            Arguments[Method.TokenIndex] = _cancellation.CalleeToken;
            Arguments = Method.CopyArguments(Arguments);
            Start();
            _cancellation.Register(token);
            return;
        }
        Arguments = Method.CopyArguments(Arguments);
        Start();
    }

    /// <summary>Takes what came with a call off the wire.</summary>
    public void Accept(Dictionary<string, object>? context, TimeSpan patience) => (Context, _patience) = (context, patience);

    /// <summary>The call went to another process.</summary>
    public void SentBy(GatewayConnection connection, long id) => (_sentBy, _sentId) = (connection, id);

    /// <summary>Starts a call off the wire.</summary>
    public void SendInbound()
    {
        if (Method.TokenIndex >= 0)
        {
            _cancellation = new CallCancellation(this);
            Arguments[Method.TokenIndex] = _cancellation.CalleeToken;
        }
        Start();
    }

    /// <summary>The caller gave up: tells the callee.</summary>
    public void CancelCallee()
    {
        if (_sentBy is { } connection) { connection.Cancel(_sentId); }
        else { _cancellation?.CancelCallee(); }
    }

    /// <summary>Runs on an observer's object instead of an activation; never throws.</summary>
    public abstract Task RunOnAsync(object instance);

    public sealed override void Reroute()
    {
        if (_forwards++ < ForwardsMax) { Runtime.Dispatch(this); }
        else
        {
            Fail(new OrleansMessageRejectionException($"{this} was not delivered: the activation ended {_forwards} times before it ran."));
        }
    }

    /// <summary>Writes how the completed call ended.</summary>
    public abstract void WriteOutcome(WireWriter writer);

    /// <summary>Reads how the call ended elsewhere, and completes it so.</summary>
    public abstract void ReadOutcome(ref WireReader reader);

    public sealed override string ToString() => $"Request [{Target}] {Method.DisplayName}";

    protected void NoteActivation(Activation activation) => _cancellation?.RunsOn(activation);

    protected void Settled()
    {
        Runtime.Deadlines.Remove(this);
        _cancellation?.Unregister();
        _sentBy?.Forget(_sentId);
    }

    private void Start()
    {
        if (!Method.OneWay) { Runtime.Deadlines.Add(this); }
        Runtime.Dispatch(this);
    }
}
