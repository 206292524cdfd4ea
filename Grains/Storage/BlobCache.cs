using System.Collections.Concurrent;

namespace PiGrid.Grains.Storage;

/// <summary>
/// Copies of blobs on this silo's disk, up to a size: the longest unused go first. What it lacks, or finds damaged, is fetched again from the store
/// that has the blobs. Thread-safe.
/// </summary>
public sealed class BlobCache
{
    private readonly FileBlobStore _files;
    private readonly long _bytesMax;
    private readonly ConcurrentDictionary<Sha256, Task<bool>> _fetching = new();
    private readonly Dictionary<Sha256, LinkedListNode<BlobRef>> _places = [];

    // The longest unused first.
    private readonly LinkedList<BlobRef> _byUse = [];
    private long _bytes;

    private BlobCache(FileBlobStore files, long bytesMax) => (_files, _bytesMax) = (files, bytesMax);

    /// <summary>Opens the cache over what its folder holds from before.</summary>
    public static BlobCache Open(FileBlobStore files, long bytesMax)
    {
        ArgumentNullException.ThrowIfNull(files);
        var cache = new BlobCache(files, bytesMax);
        // The folder is local: its list never waits for anything.
        foreach (var blob in files.ListAsync(DateTimeOffset.MaxValue, CancellationToken.None).ToBlockingEnumerable())
        {
            cache.Used(blob);
        }

        cache.Trim();
        return cache;
    }

    /// <summary>The bytes that are kept.</summary>
    public long Bytes
    {
        get
        {
            lock (_byUse)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Takes bytes in, whatever their size, and keeps a copy if there is room for one.</summary>
    /// <param name="content">The bytes; read to the end.</param>
    /// <param name="expected">The digest that the bytes must have; any when null.</param>
    /// <param name="bytesMax">The most bytes accepted.</param>
    /// <param name="store">Stores them where they stay, before they are kept here; is given what opens them.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="BlobRejectedException">Too many bytes, or not the expected digest.</exception>
    public async Task<BlobRef> PutAsync(
        Stream content, Sha256? expected, long bytesMax, Func<BlobRef, Func<Stream>, Task> store, CancellationToken cancellationToken)
    {
        var taken = await _files.PutAsync(
            content,
            expected,
            bytesMax,
            async (blob, open) =>
            {
                await store(blob, open);
                return Keeps(blob.Size);
            },
            cancellationToken);
        if (Keeps(taken.Size))
        {
            Used(taken);
            Trim();
        }

        return taken;
    }

    /// <summary>A copy that is here and whole; null otherwise.</summary>
    public async ValueTask<Stream?> OpenAsync(Sha256 digest, CancellationToken cancellationToken)
    {
        var stream = await _files.OpenAsync(digest, cancellationToken);
        if (stream is null)
        {
            Forget(digest);
        }
        else
        {
            Used(new BlobRef(digest, stream.Length));
        }

        return stream;
    }

    /// <summary>A copy that is here, or is made now; those who ask for one blob at once share the making.</summary>
    /// <param name="blob">The blob; small enough to be kept.</param>
    /// <param name="origin">Opens it where it comes from.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="BlobRejectedException">The origin's bytes are not those of the name.</exception>
    public async ValueTask<Stream?> OpenAsync(BlobRef blob, Func<Task<Stream?>> origin, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(blob);
        if (await OpenAsync(blob.Sha256, cancellationToken) is { } here)
        {
            return here;
        }

        var made = await MakeAsync(blob, origin).WaitAsync(cancellationToken);
        return made ? await OpenAsync(blob.Sha256, cancellationToken) : null;
    }

    /// <summary>Whether a blob of this size is kept.</summary>
    public bool Keeps(long size) => size <= _bytesMax;

    private async Task<bool> MakeAsync(BlobRef blob, Func<Task<Stream?>> origin)
    {
        // Not the first caller's token: others wait for the same bytes.
        var mine = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var making = _fetching.GetOrAdd(blob.Sha256, mine.Task);
        if (making != mine.Task)
        {
            return await making;
        }

        try
        {
            await using var content = await origin();
            if (content is not null)
            {
                await PutAsync(content, blob.Sha256, blob.Size, static (_, _) => Task.CompletedTask, CancellationToken.None);
            }

            mine.SetResult(content is not null);
            return content is not null;
        }
        catch (Exception e)
        {
            mine.SetException(e);
            // Whether anybody else waits or not, it is looked at.
            _ = mine.Task.Exception;
            throw;
        }
        finally
        {
            _fetching.TryRemove(blob.Sha256, out _);
        }
    }

    private void Trim()
    {
        lock (_byUse)
        {
            while (_bytes > _bytesMax && _byUse.First is { } oldest)
            {
                Drop(oldest);
                _ = _files.RemoveAsync(oldest.Value.Sha256, DateTimeOffset.MaxValue, CancellationToken.None);
            }
        }
    }

    private void Used(BlobRef blob)
    {
        lock (_byUse)
        {
            if (_places.TryGetValue(blob.Sha256, out var place))
            {
                _byUse.Remove(place);
                _byUse.AddLast(place);
                return;
            }

            _places[blob.Sha256] = _byUse.AddLast(blob);
            _bytes += blob.Size;
        }
    }

    private void Forget(Sha256 digest)
    {
        lock (_byUse)
        {
            if (_places.TryGetValue(digest, out var place))
            {
                Drop(place);
            }
        }
    }

    private void Drop(LinkedListNode<BlobRef> place)
    {
        _byUse.Remove(place);
        _places.Remove(place.Value.Sha256);
        _bytes -= place.Value.Size;
    }
}
