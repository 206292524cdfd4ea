using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace PiGrid.Grains.Storage.Sqlite;

/// <summary>The grid's database file: one writer with group commit, and readers that never wait for it (write-ahead log). Thread-safe.</summary>
public sealed class SqliteDatabase : IDisposable
{
    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly SemaphoreSlim _readersFree;
    private readonly SqliteWriter _writer;
    private readonly StoreHealth _health;

    private SqliteDatabase(string file, StorageOptions options, SqliteSession writing, StoreHealth health)
    {
        File = file;
        _health = health;
        _readersFree = new SemaphoreSlim(options.ReadersMax);
        _writer = new SqliteWriter(writing, options, Explain, () => health.Failed("the database cannot be written: the disk is full or failing"));
    }

    /// <summary>The file's path.</summary>
    public string File { get; }

    /// <summary>Opens the database; makes it when the file does not exist.</summary>
    /// <param name="file">The file.</param>
    /// <param name="options">How it is kept.</param>
    /// <param name="health">Is told when the disk takes no writes; when it does again, <see cref="ProbeAsync"/> finds out.</param>
    /// <exception cref="StorageException">It cannot be used; the message names the file and the remedy.</exception>
    public static SqliteDatabase Open(string file, StorageOptions options, StoreHealth? health = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        SqliteSession? session = null;
        try
        {
            MakePrivate(file);
            session = SqliteSession.Open(file, SqliteOpenMode.ReadWriteCreate);
            SqliteSchema.Prepare(session, file, options);
            return new SqliteDatabase(file, options, session, health ?? new StoreHealth());
        }
        catch (Exception e)
        {
            session?.Dispose();
            throw e switch
            {
                SqliteException sqlite => StorageException.From(sqlite, file),
                IOException or UnauthorizedAccessException when e is not StorageException =>
                    new StorageException($"{file} cannot be made ({e.Message}): check the disk's space, quota and permissions.", e),
                _ => e,
            };
        }
    }

    /// <summary>Runs a write; completes when it is durable. What it changed is rolled back when it throws.</summary>
    /// <exception cref="StorageException">The disk is full or failing; nothing of the write is kept.</exception>
    internal Task<T> WriteAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken = default) =>
        _writer.WriteAsync(work, cancellationToken);

    /// <summary>Runs a read; it sees every write that completed before.</summary>
    /// <exception cref="StorageException">The disk is failing.</exception>
    internal async ValueTask<T> ReadAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken = default)
    {
        await _readersFree.WaitAsync(cancellationToken).ConfigureAwait(false);
        SqliteSession? session = null;
        try
        {
            session = _readers.TryTake(out var idle) ? idle : SqliteSession.Open(File, SqliteOpenMode.ReadWrite);
            return work(session);
        }
        catch (SqliteException e)
        {
            throw Explain(e);
        }
        finally
        {
            if (session is not null)
            {
                _readers.Add(session);
            }

            _readersFree.Release();
        }
    }

    /// <summary>
    /// Writes and takes back a row of some size when the disk took no writes before; so what a small write finds room for does not pass for a disk with
    /// room.
    /// </summary>
    /// <returns>Why it still takes none; null when it does.</returns>
    internal async Task<StorageException?> ProbeAsync()
    {
        try
        {
            await _writer.WriteAsync(
                session =>
                {
                    session.Execute("INSERT INTO grain_state (grain, name, etag, format, payload) VALUES ('probe', 'probe', '', 0, zeroblob(65536))");
                    return session.Execute("DELETE FROM grain_state WHERE grain = 'probe'");
                },
                CancellationToken.None);
            _health.Succeeded();
            return null;
        }
        catch (StorageException e)
        {
            return e;
        }
    }

    /// <summary>Commits what waits and closes the file.</summary>
    public void Dispose()
    {
        _writer.Dispose();
        while (_readers.TryTake(out var session))
        {
            session.Dispose();
        }

        _readersFree.Dispose();
    }

    // SQLite makes its files readable by all that may enter the folder, and gives the log the mode of the database.
    private static void MakePrivate(string file)
    {
        if (!OperatingSystem.IsWindows() && !System.IO.File.Exists(file))
        {
            new FileStream(file, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }).Dispose();
        }
    }

    private StorageException Explain(SqliteException e) => StorageException.From(e, File);
}
