using System.Threading.Channels;
using Npgsql;

namespace PiGrid.Grains.Storage.Postgres;

/// <summary>
/// Group commit. A write of its own costs a round trip and a flush of the server's disk; so one loop takes all statements that wait and sends them
/// together, as one transaction, while the next group gathers. A single write pays nothing for it: it is a group of one.
/// </summary>
internal sealed class PostgresWriter : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(200);

    private readonly Channel<PostgresWrite> _queue;
    private readonly NpgsqlDataSource _source;
    private readonly Func<Exception, StorageException> _failed;
    private readonly Action _succeeded;
    private readonly TimeProvider _time;
    private readonly int _groupMax;
    private readonly Task _running;

    // Taken from the queue and not done yet, oldest first.
    private List<PostgresWrite> _waiting = [];

    /// <summary>Starts the loop.</summary>
    /// <param name="source">Where connections come from.</param>
    /// <param name="options">The bounds of queue and group.</param>
    /// <param name="time">The clock of deadlines.</param>
    /// <param name="succeeded">Is told that the server was there.</param>
    /// <param name="failed">Is told why not, and explains it.</param>
    public PostgresWriter(
        NpgsqlDataSource source, StorageOptions options, TimeProvider time, Action succeeded, Func<Exception, StorageException> failed)
    {
        (_source, _time, _succeeded, _failed, _groupMax) = (source, time, succeeded, failed, options.WriteGroupMax);
        _queue = Channel.CreateBounded<PostgresWrite>(new BoundedChannelOptions(options.WritesWaitingMax) { SingleReader = true });
        _running = Task.Run(RunAsync);
    }

    /// <summary>Queues a write; waits for room first when too many wait.</summary>
    public async Task<T?> WriteAsync<T>(PostgresWrite<T> write, CancellationToken cancellationToken)
    {
        if (!_queue.Writer.TryWrite(write))
        {
            await _queue.Writer.WriteAsync(write, cancellationToken).ConfigureAwait(false);
        }

        return await write.Done.ConfigureAwait(false);
    }

    /// <summary>Commits what waits, then ends.</summary>
    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _running.GetAwaiter().GetResult();
    }

    private async Task RunAsync()
    {
        while (_waiting.Count > 0 || await _queue.Reader.WaitToReadAsync())
        {
            Take(_groupMax);
            var group = _waiting.GetRange(0, Math.Min(_waiting.Count, _groupMax));
            _waiting.RemoveRange(0, group.Count);
            await CommitAsync(group);
        }
    }

    private void Take(int countMax)
    {
        while (_waiting.Count < countMax && _queue.Reader.TryRead(out var write))
        {
            _waiting.Add(write);
        }
    }

    private async Task CommitAsync(List<PostgresWrite> group)
    {
        switch (await TryCommitAsync(group))
        {
            case null:
                _succeeded();
                group.ForEach(w => w.Succeed());
                break;
            case var failure when PostgresErrors.IsTransient(failure):
                await WaitAsync(group, failure);
                break;
            case var failure when group.Count == 1:
                group[0].Fail(_failed(failure));
                break;
            default:
                // Rolled back whole and tried one by one, so that a write which cannot be done costs only its own caller.
                foreach (var write in group)
                {
                    await CommitAsync([write]);
                }

                break;
        }
    }

    // The server is away: everybody who waits is looked at, also those who still queue, so that each fails at its own deadline.
    private async Task WaitAsync(List<PostgresWrite> group, Exception failure)
    {
        _waiting.InsertRange(0, group);
        Take(int.MaxValue);
        var (reason, now) = (_failed(failure), _time.GetUtcNow());
        foreach (var expired in _waiting.Where(w => w.Deadline <= now))
        {
            expired.Fail(reason);
        }

        _waiting = _waiting.FindAll(w => w.Deadline > now);
        if (_waiting.Count > 0)
        {
            await Task.Delay(RetryPause, _time);
        }
    }

#pragma warning disable CA1031 // Whatever a write throws belongs to its caller; this loop serves all others.
    private async Task<Exception?> TryCommitAsync(List<PostgresWrite> group)
    {
        try
        {
            await using var batch = _source.CreateBatch();
            group.ForEach(w => batch.BatchCommands.Add(w.ToCommand()));
            await using var rows = await batch.ExecuteReaderAsync();
            foreach (var write in group)
            {
                await write.TakeAsync(rows);
                await rows.NextResultAsync();
            }

            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }
#pragma warning restore CA1031
}
