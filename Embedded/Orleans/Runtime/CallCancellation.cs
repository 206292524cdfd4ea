namespace Orleans.Embedded;

/// <summary>
/// Carries cancellation across a call. The caller's task ends at once; the callee's token is cancelled on the activation's
/// scheduler, so that callbacks run as turns.
/// </summary>
internal sealed class CallCancellation(Call call)
{
    private readonly CancellationTokenSource _callee = new();
    private CancellationTokenRegistration _registration;
    private Activation? _activation;

    public CancellationToken CalleeToken => _callee.Token;

    public void Register(CancellationToken caller)
    {
        _registration = caller.UnsafeRegister(
            static (state, token) => ((CallCancellation)state!).OnCallerCancelled(token), this);
        if (call.IsAbandoned) { Unregister(); }
    }

    public void Unregister() => _registration.Unregister();

    public void RunsOn(Activation activation) => _activation = activation;

    public void CancelCallee()
    {
        if (_activation is { } activation) { activation.Post(_ => Cancel()); }
        else { Cancel(); }
    }

    private Task Cancel()
    {
        _callee.Cancel();
        return Task.CompletedTask;
    }

    private void OnCallerCancelled(CancellationToken token)
    {
        if (!call.IsAbandoned)
        {
            call.Fail(new OperationCanceledException(token));
            call.CancelCallee();
        }
    }
}
