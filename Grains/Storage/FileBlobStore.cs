using System.Buffers;
using Microsoft.Extensions.Options;

namespace PiGrid.Grains.Storage;

/// <summary>
/// Blobs as files, two levels of folders by digest. A blob is written beside its place, flushed, and moved there, so that a name
/// always stands for whole bytes, also after a crash.
/// </summary>
public sealed class FileBlobStore : IBlobStore, IDisposable
{
    private const int BufferBytes = 1 << 17;

    private readonly string _folder;
    private readonly string _incoming;
    private readonly SemaphoreSlim _writes;

    /// <summary>Opens the store; makes its folders, and removes what a crash left half-written.</summary>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    public FileBlobStore(string folder, IOptions<BlobOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _folder = folder;
        _incoming = Path.Combine(folder, "incoming");
        _writes = new SemaphoreSlim(options.Value.WritesMax);
        Directory.CreateDirectory(_incoming);
        foreach (var left in Directory.EnumerateFiles(_incoming))
        {
            File.Delete(left);
        }
    }

    /// <inheritdoc/>
    public async Task<BlobRef> PutAsync(Stream content, Sha256? expected, long bytesMax, CancellationToken cancellationToken)
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
            if (!File.Exists(path))
            {
                file.KeepAs(path);
            }

            return blob;
        }
        finally
        {
            _writes.Release();
        }
    }

    /// <inheritdoc/>
    public ValueTask<BlobRef?> FindAsync(Sha256 digest, CancellationToken cancellationToken)
    {
        var file = new FileInfo(PathOf(digest));
        return ValueTask.FromResult(file.Exists ? new BlobRef(digest, file.Length) : null);
    }

    /// <inheritdoc/>
    public ValueTask<Stream?> OpenAsync(Sha256 digest, CancellationToken cancellationToken)
    {
        try
        {
            return ValueTask.FromResult<Stream?>(new FileStream(
                PathOf(digest), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, BufferBytes, FileOptions.Asynchronous));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return ValueTask.FromResult<Stream?>(null);
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

    private string PathOf(Sha256 digest)
    {
        var name = digest.Value;
        return Path.Combine(_folder, name[..2], name[2..4], name);
    }
}
