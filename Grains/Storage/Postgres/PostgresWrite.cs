using Npgsql;

namespace PiGrid.Grains.Storage.Postgres;

/// <summary>One statement that waits for its group's commit. It can be sent again: doing it twice has the outcome of doing it once.</summary>
internal abstract class PostgresWrite(string sql, object[] values, DateTimeOffset deadline)
{
    /// <summary>When it fails if the server is still away.</summary>
    public DateTimeOffset Deadline { get; } = deadline;

    /// <summary>The statement as part of a group.</summary>
    public NpgsqlBatchCommand ToCommand()
    {
#pragma warning disable CA2100 // Every statement is a constant of this folder; values travel as parameters.
        var command = new NpgsqlBatchCommand(sql);
#pragma warning restore CA2100
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }

    /// <summary>Reads the statement's outcome.</summary>
    public abstract Task TakeAsync(NpgsqlDataReader rows);

    /// <summary>The group is committed.</summary>
    public abstract void Succeed();

    /// <summary>The write is not done, or nobody knows whether it is.</summary>
    public abstract void Fail(Exception reason);
}

/// <summary>A statement with an outcome.</summary>
/// <typeparam name="T">The first column of its first row.</typeparam>
internal sealed class PostgresWrite<T>(string sql, object[] values, DateTimeOffset deadline) : PostgresWrite(sql, values, deadline)
{
    // The writer's loop must not run what callers do next.
    private readonly TaskCompletionSource<T?> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _outcome;

    /// <summary>Completes when the write is durable; default when the statement gave no row.</summary>
    public Task<T?> Done => _done.Task;

    /// <inheritdoc/>
    public override async Task TakeAsync(NpgsqlDataReader rows) => _outcome = await rows.ReadAsync() ? rows.GetFieldValue<T>(0) : default;

    /// <inheritdoc/>
    public override void Succeed() => _done.SetResult(_outcome);

    /// <inheritdoc/>
    public override void Fail(Exception reason) => _done.SetException(reason);
}
