namespace Orleans.Embedded;

/// <summary>
/// Turns: a queue of work that one thread at a time drains. A drain runs inside one task of this scheduler, so that code which
/// awaits or starts tasks finds the activation as its current scheduler, without a task per call.
/// </summary>
internal sealed partial class Activation : IThreadPoolWorkItem
{
    private const int TurnsPerDrain = 1_000;
    private static readonly Action<object?> DrainAction = static self => ((Activation)self!).Drain();
    private Queue<object>? _work;
    private Task? _drain;
    private bool _scheduled;

    /// <summary>Queues a turn of the engine's own.</summary>
    public void Post(Func<Activation, Task> turn) => Enqueue(turn);

    void IThreadPoolWorkItem.Execute()
    {
        // Made here, on a pool thread, so that it captures no caller's execution context.
        _drain = new Task(DrainAction, this);
        _drain.Start(this);
    }

    protected override void QueueTask(Task task)
    {
        if (ReferenceEquals(task, _drain)) { TryExecuteTask(task); }
        else { Enqueue(task); }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ReferenceEquals(RuntimeContext.Current, this) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (this) { return [.. _work?.OfType<Task>() ?? []]; }
    }

    private void Enqueue(object work)
    {
        lock (this)
        {
            (_work ??= new Queue<object>()).Enqueue(work);
            if (_scheduled) { return; }
            _scheduled = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    private void Drain()
    {
        RuntimeContext.Set(this);
        try
        {
            for (var turn = 0; turn < TurnsPerDrain; turn++)
            {
                object? work;
                lock (this)
                {
                    if (!_work!.TryDequeue(out work))
                    {
                        _scheduled = false;
                        // A burst's queue is given back.
                        _work = _work.Capacity <= 16 ? _work : null;
                        return;
                    }
                }
                Run(work);
            }
        }
        finally { RuntimeContext.Set(null); }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void Run(object work)
    {
        switch (work)
        {
            case Task task:
                TryExecuteTask(task);
                break;
            case Request { IsAbandoned: true } late when late is not Call { Method.OneWay: true }:
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
