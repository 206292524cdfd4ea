using System.Security.Cryptography;

namespace PiGrid.Grains.Storage;

/// <summary>A blob's file while it is written. Unless it is kept, nothing of it is left when it is disposed.</summary>
internal sealed class BlobFile : IAsyncDisposable
{
    private readonly string _path;
    private readonly FileStream _file;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private BlobFile(string path, FileStream file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>A new file under a random name in the folder.</summary>
    /// <exception cref="StorageException">The folder cannot be written.</exception>
    public static BlobFile Create(string folder)
    {
        var path = Path.Combine(folder, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
        try
        {
            return new(path, new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 0, FileOptions.Asynchronous));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(path, e);
        }
    }

    /// <summary>Appends bytes.</summary>
    /// <exception cref="StorageException">The disk is full or failing.</exception>
    public async Task AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _hash.AppendData(bytes.Span);
        try
        {
            await _file.WriteAsync(bytes, cancellationToken);
        }
        // .NET reports a file that reached the process's limit (EFBIG) as an argument that is out of range.
        catch (Exception e) when (e is IOException or ArgumentOutOfRangeException)
        {
            throw Failed(_path, e);
        }
    }

    /// <summary>What was appended.</summary>
    public BlobRef Describe() => new(new Sha256(_hash.GetCurrentHash()), _file.Position);

    /// <summary>Opens what was appended for reading.</summary>
    public Stream Open() => new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 17, FileOptions.Asynchronous);

    /// <summary>Makes the bytes durable under <paramref name="path"/>, with the time at which they were put.</summary>
    /// <exception cref="StorageException">The disk is full or failing.</exception>
    public void KeepAs(string path, DateTimeOffset putAt)
    {
        try
        {
            _file.Flush(flushToDisk: true);
            _file.Dispose();
            File.SetLastWriteTimeUtc(_path, putAt.UtcDateTime);
            var folder = Path.GetDirectoryName(path)!;
            var isNewFolder = !Directory.Exists(folder);
            Directory.CreateDirectory(folder);
            File.Move(_path, path, overwrite: true);
            FolderSync.Flush(folder);
            if (isNewFolder)
            {
                FolderSync.Flush(Path.GetDirectoryName(folder)!);
                FolderSync.Flush(Path.GetDirectoryName(Path.GetDirectoryName(folder))!);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(path, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _hash.Dispose();
        await _file.DisposeAsync();
        File.Delete(_path);
    }

    private static StorageException Failed(string path, Exception e) => new(
        $"A blob could not be written to {Path.GetDirectoryName(path)} ({e.Message}): check the disk's space, quota and permissions. Nothing of the blob was kept.",
        e);
}
