using Microsoft.Data.Sqlite;
using Orleans;

namespace PiGrid.Grains.Storage;

/// <summary>A store cannot be used or written; the message names the file or the database, and the remedy.</summary>
[GenerateSerializer, Alias("PiGrid.StorageException")]
public sealed class StorageException : IOException
{
    // SQLite's primary result codes, https://sqlite.org/rescode.html
    private const int Busy = 5, ReadOnly = 8, IoError = 10, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;

    /// <summary>With what is wrong and what to do.</summary>
    public StorageException(string message)
        : base(message)
    {
    }

    /// <summary>With what is wrong and what to do, and the cause.</summary>
    public StorageException(string message, Exception? inner)
        : base(message, inner)
    {
    }

    /// <summary>Whether the store is away and may return by itself, so that trying again later can help.</summary>
    [Id(0)]
    public bool Away { get; init; }

    /// <summary>Whether it is a database server's, and not the data folder's.</summary>
    [Id(1)]
    public bool OfServer { get; init; }

    /// <summary>Whether an error of SQLite says that nothing can be written now: the disk is full, over its quota, failing or read-only.</summary>
    internal static bool IsDisk(SqliteException e) => e.SqliteErrorCode is Full or IoError or ReadOnly or CannotOpen;

    /// <summary>What an error of SQLite means for the file.</summary>
    internal static StorageException From(SqliteException e, string file) => e.SqliteErrorCode switch
    {
        Full => new($"The disk that holds {file} is full: free some space. Nothing of the write was kept.", e),
        IoError => new($"{file} cannot be read or written ({e.Message}): the disk is full, over its quota, or failing. Nothing of the write was kept.", e),
        ReadOnly or CannotOpen => new($"{file} cannot be opened for writing: check the folder's and the file's permissions.", e),
        Busy => new($"{file} is in use by another program: end that program.", e),
        Corrupt or NotADatabase => Damaged(file, e.Message, e),
        _ => new($"The database {file} failed: {e.Message}", e),
    };

    /// <summary>The file's structure is broken.</summary>
    internal static StorageException Damaged(string file, string found, Exception? inner) => new(
        $"{file} is damaged ({found}): restore the data folder from a backup, or move {Path.GetFileName(file)}* away to start an empty grid with the same key and blobs.",
        inner);
}
