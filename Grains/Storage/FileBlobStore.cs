using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace PiGrid.Grains.Storage;

/// <summary>
/// Blobs as files, two levels of folders by digest. A blob is written beside its place, flushed, and moved there, so that a name
/// always stands for whole bytes, also after a crash. A file's time is when its blob was last put or found. What a disk has damaged is moved to
/// <c>damaged</c> when it is found.
/// </summary>
public sealed partial class FileBlobStore : IBlobStore, IDisposable
{
    private const int BufferBytes = 1 << 17;

    private readonly string _folder;
    private readonly string _incoming;
    private readonly SemaphoreSlim _writes;
    private readonly BlobOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly VerifiedFiles _verified = new();

    // Renewing a blob and removing it must not interleave: who has found a blob may name it.
    private readonly Lock _ages = new();

    /// <summary>Opens the store; makes its folders.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">Its limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Is told of damage.</param>
    /// <param name="isOwner">Whether nobody else writes here, so that what is half-written was left by a crash and is removed.</param>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    public FileBlobStore(string folder, IOptions<BlobOptions> options, TimeProvider time, ILogger<FileBlobStore> logger, bool isOwner = true)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_folder, _options, _time, _logger) = (folder, options.Value, time, logger);
        _incoming = Path.Combine(folder, "incoming");
        _writes = new SemaphoreSlim(_options.WritesMax);
        Directory.CreateDirectory(_incoming);
        foreach (var left in isOwner ? Directory.EnumerateFiles(_incoming) : [])
        {
            File.Delete(left);
        }
    }

    /// <inheritdoc/>
    public Task<BlobRef> PutAsync(Stream content, Sha256? expected, long bytesMax, CancellationToken cancellationToken) =>
        PutAsync(content, expected, bytesMax, static (_, _) => Task.FromResult(true), cancellationToken);

    /// <summary>Takes a blob in, and keeps it as a file when that is wanted.</summary>
    /// <param name="content">The bytes; read to the end.</param>
    /// <param name="expected">The digest that the bytes must have; any when null.</param>
    /// <param name="bytesMax">The most bytes accepted.</param>
    /// <param name="isKept">Is given the blob and what opens its bytes, which nobody else has yet; whether they are kept.</param>
    /// <param name="cancellationToken">Stops the write.</param>
    internal async Task<BlobRef> PutAsync(
        Stream content, Sha256? expected, long bytesMax, Func<BlobRef, Func<Stream>, Task<bool>> isKept, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        await _writes.WaitAsync(cancellationToken);
        try
        {
            await using var file = BlobFile.Create(_incoming);
            await CopyAsync(content, file, bytesMax, cancellationToken);
            var blob = file.Describe();
            BlobChecks.RequireDigest(blob, expected);
            var path = PathOf(blob.Sha256);
            // One of another length is damaged: what was just read is not.
            if (await isKept(blob, file.Open) && Renew(blob.Sha256) != blob.Size)
            {
                file.KeepAs(path, _time.GetUtcNow());
                _verified.Add(blob.Sha256, new FileInfo(path));
            }

            return blob;
        }
        finally
        {
            _writes.Release();
        }
    }

    /// <inheritdoc/>
    public ValueTask<BlobRef?> FindAsync(Sha256 digest, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Renew(digest) is { } size ? new BlobRef(digest, size) : null);

    /// <inheritdoc/>
    public async ValueTask<Stream?> OpenAsync(Sha256 digest, CancellationToken cancellationToken)
    {
        FileStream stream;
        try
        {
            stream = new FileStream(
                PathOf(digest), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, BufferBytes, FileOptions.Asynchronous);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        try
        {
            if (await _verified.CheckAsync(digest, stream, cancellationToken))
            {
                return stream;
            }
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }

        await stream.DisposeAsync();
        SetAside(digest);
        return null;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlobRef> ListAsync(DateTimeOffset before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var file in new DirectoryInfo(_folder).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Only files in their places: what is incoming or was set aside is no blob.
            if (Sha256.TryParse(file.Name, null, out var digest) && file.FullName == Path.GetFullPath(PathOf(digest))
                && file is { Exists: true } && file.LastWriteTimeUtc < before.UtcDateTime)
            {
                yield return new BlobRef(digest, file.Length);
            }
        }
    }

    /// <inheritdoc/>
    public Task<bool> RemoveAsync(Sha256 digest, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var file = new FileInfo(PathOf(digest));
        lock (_ages)
        {
            if (!file.Exists || file.LastWriteTimeUtc >= before.UtcDateTime)
            {
                return Task.FromResult(false);
            }

            file.Delete();
            return Task.FromResult(true);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _writes.Dispose();

    private static async Task CopyAsync(Stream content, BlobFile file, long bytesMax, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long size = 0;
            for (int read; (read = await content.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                size += read;
                BlobChecks.RequireSize(size, bytesMax);
                await file.AppendAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Keeps a blob from being collected for a while; its length, or null when there is none.</summary>
    private long? Renew(Sha256 digest)
    {
        var file = new FileInfo(PathOf(digest));
        lock (_ages)
        {
            if (!file.Exists)
            {
                return null;
            }

            var now = _time.GetUtcNow();
            if (now - file.LastWriteTimeUtc > _options.RenewAge)
            {
                file.LastWriteTimeUtc = now.UtcDateTime;
            }

            return file.Length;
        }
    }

    private void SetAside(Sha256 digest)
    {
        var path = PathOf(digest);
        var aside = Path.Combine(_folder, "damaged", digest.Value);
        LogDamaged(path, aside);
        Directory.CreateDirectory(Path.GetDirectoryName(aside)!);
        lock (_ages)
        {
            // Somebody else may have found it too.
            if (File.Exists(path))
            {
                File.Move(path, aside, overwrite: true);
            }
        }
    }

    private string PathOf(Sha256 digest)
    {
        var name = digest.Value;
        return Path.Combine(_folder, name[..2], name[2..4], name);
    }

    [LoggerMessage(LogLevel.Error, "The bytes of {File} are not those of its name: the disk has damaged them. The file was moved to {Aside}; putting the blob again, or restoring it from a backup, heals it")]
    private partial void LogDamaged(string file, string aside);
}
