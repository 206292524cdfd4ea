using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace PiGrid.Grains.Storage.Sqlite;

/// <summary>The grid's database file: one writer with group commit, and readers that never wait for it (write-ahead log). Thread-safe.</summary>
public sealed class SqliteDatabase : IDisposable
{
    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly SemaphoreSlim _readersFree;
    private readonly SqliteWriter _writer;

    private SqliteDatabase(string file, StorageOptions options, SqliteSession writing)
    {
        File = file;
        _readersFree = new SemaphoreSlim(options.ReadersMax);
        _writer = new SqliteWriter(writing, options, Explain);
    }

    /// <summary>The file's path.</summary>
    public string File { get; }

    /// <summary>Opens the database; makes it when the file does not exist.</summary>
    /// <exception cref="StorageException">It cannot be used; the message names the file and the remedy.</exception>
    public static SqliteDatabase Open(string file, StorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        SqliteSession? session = null;
        try
        {
            MakePrivate(file);
            session = SqliteSession.Open(file, SqliteOpenMode.ReadWriteCreate);
            SqliteSchema.Prepare(session, file, options);
            return new SqliteDatabase(file, options, session);
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
