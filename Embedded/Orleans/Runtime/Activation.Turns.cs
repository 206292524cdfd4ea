namespace Orleans.Embedded;

/// <summary>Turns: a queue of work that one thread at a time drains. A drain runs inside one task of this scheduler, so that code which
/// awaits or starts tasks finds the activation as its current scheduler, without a task per call.</summary>
internal sealed partial class Activation : IThreadPoolWorkItem {
    private const int TurnsPerDrain = 1_000;
    private const int DrainsInARow = 100;
    private static readonly Action<object?> DrainAction = static self => ((Activation)self!).Drain();
    private Queue<object>? _work;
    private Task? _drain;
    private bool _scheduled;

    /// <summary>The activation that runs on this thread when the present one has nothing left to do.</summary>
    [ThreadStatic]
    private static Activation? _next;

    public void Post(Func<Activation, Task> turn) => Enqueue(turn);

    void IThreadPoolWorkItem.Execute() {
        var current = this;
        for (var drains = 1; current is not null; drains++) {
            // Made here, on a pool thread, so that it captures no caller's execution context.
            current._drain = new Task(DrainAction, current);
            current._drain.Start(current);
            (current, _next) = (_next, null);
            if (drains == DrainsInARow) {
                current?.Schedule(preferLocal: false);
                return;
            }
        }
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
        // What a turn calls runs on its thread after it: to wake another one takes longer than most turns.
        if (RuntimeContext.Current is not null && _next is null) { _next = this; }
        else { Schedule(preferLocal: true); }
    }

    private void Schedule(bool preferLocal) => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal);

    private void Drain() {
        RuntimeContext.Current = this;
        var turns = 0;
        while (turns++ < TurnsPerDrain && Take() is { } work) {
            // Who was called waits for one turn at most.
            _next?.Schedule(preferLocal: true);
            _next = null;
            Run(work);
        }
        RuntimeContext.Current = null;
        if (turns > TurnsPerDrain) { Schedule(preferLocal: false); }
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
