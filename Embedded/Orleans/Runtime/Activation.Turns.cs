namespace Orleans.Embedded;

/// <summary>Turns: a queue of work that one thread at a time drains. A drain runs inside one task of this scheduler, so that code which
/// awaits or starts tasks finds the activation as its current scheduler, without a task per call.</summary>
internal sealed partial class Activation : IThreadPoolWorkItem {
    private const int TurnsPerDrain = 1_000;
    private static readonly Action<object?> DrainAction = static self => ((Activation)self!).Drain();
    private Queue<object>? _work;
    private Task? _drain;
    private bool _scheduled;

    public void Post(Func<Activation, Task> turn) => Enqueue(turn);

    void IThreadPoolWorkItem.Execute() {
        // Made here, on a pool thread, so that it captures no caller's execution context.
        _drain = new Task(DrainAction, this);
        _drain.Start(this);
    }

    protected override void QueueTask(Task task) {
        if (ReferenceEquals(task, _drain)) { TryExecuteTask(task); }
        else { Enqueue(task); }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ReferenceEquals(RuntimeContext.Current, this) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => [];

    private void Enqueue(object work) {
        lock (this) {
            (_work ??= new()).Enqueue(work);
            if (_scheduled) { return; }
            _scheduled = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    private void Drain() {
        RuntimeContext.Current = this;
        var turns = 0;
        while (turns++ < TurnsPerDrain && Take() is { } work) { Run(work); }
        RuntimeContext.Current = null;
        if (turns > TurnsPerDrain) { ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false); }
    }

    private object? Take() {
        lock (this) {
            if (_work!.TryDequeue(out var work)) { return work; }
            // From here on another thread may drain it, with a task of its own.
            (_scheduled, _drain) = (false, null);
            // A burst's queue is given back.
            _work = _work.Capacity <= 16 ? _work : null;
            return null;
        }
    }

    private void Run(object work) {
        switch (work) {
            case Task task:
                TryExecuteTask(task);
                break;
            case Request { IsAbandoned: true } late:
                Completed(late);
                break;
            case Request request:
                _ = request.RunAsync(this);
                break;
            case Func<Activation, Task> turn:
                _ = turn(this);
                break;
        }
    }
}
