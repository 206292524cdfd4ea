namespace PiGrid.Grains.Storage.Sqlite;

/// <summary>One write that waits for its group's commit.</summary>
internal abstract class SqliteWrite
{
    /// <summary>Does the work inside the group's transaction; may run again when the group had to be rolled back.</summary>
    public abstract void Run(SqliteSession session);

    /// <summary>The group is committed.</summary>
    public abstract void Succeed();

    /// <summary>The write is not done and left nothing behind.</summary>
    public abstract void Fail(Exception reason);
}

/// <summary>A write with an outcome.</summary>
/// <typeparam name="T">The outcome.</typeparam>
internal sealed class SqliteWrite<T>(Func<SqliteSession, T> work) : SqliteWrite
{
    // The writer's thread must not run what callers do next.
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _outcome = default!;

    /// <summary>Completes when the write is durable.</summary>
    public Task<T> Done => _done.Task;

    /// <inheritdoc/>
    public override void Run(SqliteSession session) => _outcome = work(session);

    /// <inheritdoc/>
    public override void Succeed() => _done.SetResult(_outcome);

    /// <inheritdoc/>
    public override void Fail(Exception reason) => _done.SetException(reason);
}
