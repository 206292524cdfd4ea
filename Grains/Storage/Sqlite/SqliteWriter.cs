using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace PiGrid.Grains.Storage.Sqlite;

/// <summary>
/// Group commit. A durable commit costs one flush of the disk whatever is in it, so one thread takes all writes that wait and
/// commits them together; while the disk flushes, the next group gathers. A single write pays nothing for it: it is a group of one.
/// </summary>
internal sealed class SqliteWriter : IDisposable
{
    private readonly Channel<SqliteWrite> _waiting;
    private readonly SqliteSession _session;
    private readonly Func<SqliteException, Exception> _explain;
    private readonly Action _diskFailed;
    private readonly int _groupMax;
    private readonly Thread _thread;

    /// <summary>Starts the writer's thread, which owns the session from now on.</summary>
    public SqliteWriter(SqliteSession session, StorageOptions options, Func<SqliteException, Exception> explain, Action diskFailed)
    {
        _session = session;
        _explain = explain;
        _diskFailed = diskFailed;
        _groupMax = options.WriteGroupMax;
        _waiting = Channel.CreateBounded<SqliteWrite>(new BoundedChannelOptions(options.WritesWaitingMax) { SingleReader = true });
        // A thread of its own: it sleeps in the disk's flush, where it must not hold a thread of the pool.
        _thread = new Thread(Run) { Name = "pigrid-storage-writer", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Queues a write and waits for its commit; waits for room first when too many wait.</summary>
    public async Task<T> WriteAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        var write = new SqliteWrite<T>(work);
        if (!_waiting.Writer.TryWrite(write))
        {
            await _waiting.Writer.WriteAsync(write, cancellationToken).ConfigureAwait(false);
        }

        return await write.Done.ConfigureAwait(false);
    }

    /// <summary>Commits what waits, then ends.</summary>
    public void Dispose()
    {
        _waiting.Writer.TryComplete();
        _thread.Join();
        _session.Dispose();
    }

    private void Run()
    {
        var group = new List<SqliteWrite>(_groupMax);
        while (_waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            group.Clear();
            while (group.Count < _groupMax && _waiting.Reader.TryRead(out var write))
            {
                group.Add(write);
            }

            if (group.Count > 0)
            {
                Commit(group);
            }
        }
    }

    // A group that fails is rolled back and tried one by one, so that a write which cannot be done costs only its own caller.
    private void Commit(List<SqliteWrite> group)
    {
        if (TryCommit(group) is not { } failure)
        {
            foreach (var write in group)
            {
                write.Succeed();
            }
        }
        else if (group.Count == 1)
        {
            group[0].Fail(failure);
        }
        else
        {
            foreach (var write in group)
            {
                Commit([write]);
            }
        }
    }

#pragma warning disable CA1031 // Whatever a write throws belongs to its caller; this thread serves all others.
    private Exception? TryCommit(List<SqliteWrite> group)
    {
        try
        {
            _session.Execute("BEGIN IMMEDIATE");
            foreach (var write in group)
            {
                write.Run(_session);
            }

            _session.Execute("COMMIT");
            return null;
        }
        catch (Exception e)
        {
            RollBack();
            if (e is not SqliteException sqlite)
            {
                return e;
            }

            if (StorageException.IsDisk(sqlite))
            {
                _diskFailed();
            }

            return _explain(sqlite);
        }
    }
#pragma warning restore CA1031

    private void RollBack()
    {
        try
        {
            _session.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite rolls back by itself on a full or failing disk; then there is no transaction left to end.
        }
    }
}
