namespace Orleans.Embedded;

/// <summary>What a call runs, and how its result is copied and carried.</summary>
internal interface ICallable<T>
{
    ValueTask<T> Invoke(Activation? activation, object instance, object?[] arguments);

    T CopyResult(T result);

    void WriteResult(WireWriter writer, T result);

    T ReadResult(ref WireReader reader);
}

/// <summary>A call with a typed result.</summary>
internal sealed class Call<T>(GrainMethod method, ICallable<T> callable, GrainRuntime runtime, GrainId target, object?[] arguments)
    : Call(method, runtime, target, arguments)
{
    // Asynchronous, so that no caller's code runs inside the callee's turn.
    private readonly TaskCompletionSource<T> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _outcome.Task;

    public override Task Completion => Task;

    public override bool IsAbandoned => Task.IsCompleted;

    public override async Task RunAsync(Activation activation)
    {
        RunsOn(activation);
        if (await InvokeAsync(activation, activation.GrainInstance!) is InconsistentStateException { IsSourceActivation: true } stale)
        {
            stale.IsSourceActivation = false;
            activation.Deactivate(new(DeactivationReasonCode.ApplicationError, stale, stale.Message));
        }
        activation.Completed(this);
    }

    public override Task RunOnAsync(object instance) => InvokeAsync(null, instance).AsTask();

    public override void Fail(Exception failure)
    {
        if (failure is OperationCanceledException { CancellationToken: var token }
            ? _outcome.TrySetCanceled(token.IsCancellationRequested ? token : new(true)) : _outcome.TrySetException(failure))
        {
            Settled();
        }
        if (Method.OneWay)
        {
            // Nobody awaits it, so look at the exception once and log it.
            _ = Task.Exception;
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

    private async ValueTask<Exception?> InvokeAsync(Activation? activation, object instance)
    {
        try
        {
            if (Context is not null) { RequestContext.Current = Context; }
            var result = await callable.Invoke(activation, instance, Arguments);
            Succeed(IsInbound ? result : callable.CopyResult(result));
            return null;
        }
        catch (Exception failure)
        {
            Fail(failure);
            return failure;
        }
    }

    private void Succeed(T result)
    {
        if (_outcome.TrySetResult(result)) { Settled(); }
    }
}
