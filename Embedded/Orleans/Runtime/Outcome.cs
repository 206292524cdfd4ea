namespace Orleans.Embedded;

/// <summary>What a caller waits for, in the form that the method returns it.</summary>
internal abstract class Outcome {
    public abstract Task Task { get; }

    public abstract object? Result { get; }

    public abstract bool TrySet(object? result);

    public abstract bool TryFail(Exception failure);

    public abstract object AsValueTask();

    /// <summary>Waits for what a method of this result type returned: a Task, a ValueTask or nothing.</summary>
    public abstract ValueTask<object?> UnwrapAsync(object? returned);
}

internal sealed class Outcome<T> : Outcome {
    // Asynchronous, so that no caller's code runs inside the callee's turn.
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override Task Task => _source.Task;

    public override object? Result => _source.Task.Result;

    public override bool TrySet(object? result) => _source.TrySetResult(result is T value ? value : default!);

    public override bool TryFail(Exception failure) => failure is OperationCanceledException { CancellationToken: var token }
        ? _source.TrySetCanceled(token.IsCancellationRequested ? token : new(true)) : _source.TrySetException(failure);

    public override object AsValueTask() => new ValueTask<T>(_source.Task);

    public override async ValueTask<object?> UnwrapAsync(object? returned) {
        switch (returned) {
            case Task<T> task:
                return await task;
            case ValueTask<T> task:
                return await task;
            case Task task:
                await task;
                return default(T);
            case ValueTask task:
                await task;
                return default(T);
            default:
                return default(T);
        }
    }
}
