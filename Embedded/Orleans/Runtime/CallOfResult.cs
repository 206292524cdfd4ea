namespace Orleans.Embedded;

/// <summary>A call with a typed result.</summary>
internal sealed class Call<T>(
    GrainMethod method, ICallable<T> callable, GrainRuntime runtime, GrainId target, object?[] arguments)
    : Call(method, runtime, target, arguments)
{
    // Asynchronous, so that no caller's code runs inside the callee's turn.
    private readonly TaskCompletionSource<T> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _outcome.Task;

    public override Task Completion => _outcome.Task;

    public override bool IsAbandoned => _outcome.Task.IsCompleted;

    public override async Task RunAsync(Activation activation)
    {
        try
        {
            NoteActivation(activation);
            if (Context is not null) { RequestContext.Current = Context; }
            var result = await callable.Invoke(activation, activation.GrainInstance!, Arguments);
            Succeed(KeepsResult ? result : callable.CopyResult(result));
        }
        catch (Exception failure)
        {
            if (failure is InconsistentStateException { IsSourceActivation: true } stale)
            {
                stale.IsSourceActivation = false;
                activation.Deactivate(new(DeactivationReasonCode.ApplicationError, failure, failure.Message));
            }
            Fail(failure);
        }
        finally { activation.Completed(this); }
    }

    /// <summary>Runs on an observer's object.</summary>
    public override async Task RunOnAsync(object instance)
    {
        try
        {
            RequestContext.Current = Context;
            var result = await callable.Invoke(null, instance, Arguments);
            Succeed(KeepsResult ? result : callable.CopyResult(result));
        }
        catch (Exception failure) { Fail(failure); }
    }

    public override void Fail(Exception failure)
    {
        var first = failure is OperationCanceledException cancelled
            ? _outcome.TrySetCanceled(cancelled.CancellationToken.IsCancellationRequested ? cancelled.CancellationToken : new(true))
            : _outcome.TrySetException(failure);
        if (first) { Settled(); }
        if (Method.OneWay)
        {
            // Nobody awaits it, so look at the exception once and log it.
            _ = _outcome.Task.Exception;
            Runtime.LogOneWayFailed(failure, this);
        }
    }

    public override void WriteOutcome(WireWriter writer)
    {
        var failure = Task.IsCanceled ? new OperationCanceledException() : Task.Exception?.InnerException;
        ExceptionCodec.Write(writer, failure);
        if (failure is null) { callable.WriteResult(writer, Task.Result); }
    }

    public override void ReadOutcome(ref WireReader reader)
    {
        if (ExceptionCodec.Read(ref reader) is { } failure) { Fail(failure); }
        else { Succeed(callable.ReadResult(ref reader)); }
    }

    private void Succeed(T result)
    {
        if (_outcome.TrySetResult(result)) { Settled(); }
    }
}
