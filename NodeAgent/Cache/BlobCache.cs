using System.Security.Cryptography;

namespace PiGrid.NodeAgent.Cache;

/// <summary>
/// Blobs on disk by digest, within the volunteer's quota. A file's time of last write is its time of last use, so that the order of use
/// survives a restart without an index. Bytes are checked against their name every time that they are used: a disk may lie, and so may its owner's tools.
/// </summary>
internal sealed partial class BlobCache(string folder, BlobTransport transport, TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Sha256, int> _uses = [];
    private readonly Dictionary<Sha256, Task> _downloads = [];

    // Seen on disk since every file was last looked at, which each heartbeat does: that of a model is asked for with every online call.
    private readonly HashSet<Sha256> _seen = [];

    /// <summary>The most bytes on disk.</summary>
    public long QuotaBytes { get; set; } = 10L << 30;

    /// <summary>Times that a broken or damaged download is tried again.</summary>
    public int RetriesMax { get; init; } = 4;

    /// <summary>The wait before the first of them; each next one waits twice as long.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Room left on the disk for everything else.</summary>
    public long DiskReserveBytes { get; init; } = 256L << 20;

    /// <summary>The digests of what is whole on disk.</summary>
    public IReadOnlyList<Sha256> Digests
    {
        get
        {
            lock (_gate)
            {
                Sha256[] digests =
                    [.. Directory.EnumerateFiles(folder).Select(f => Sha256.TryParse(Path.GetFileName(f), null, out var d) ? d : (Sha256?)null).OfType<Sha256>()];
                _seen.Clear();
                _seen.UnionWith(digests);
                return digests;
            }
        }
    }

    /// <summary>
    /// Whether all these blobs could be on disk at once, by quota and by the disk itself; null when they could, else why not. A file that somebody else removed
    /// counts until <see cref="Digests"/> has looked again.
    /// </summary>
    public string? WhyNoRoom(IReadOnlyCollection<BlobRef> blobs)
    {
        var needed = SizeOf(blobs);
        if (needed > QuotaBytes)
        {
            return $"not enough disk: the work needs {needed >> 20} MiB, and the volunteer lends {QuotaBytes >> 20} MiB";
        }

        var missing = SizeOf(blobs.Where(b => !IsHere(b.Sha256)));
        return missing > 0 && FreeBytes() is var free && free - missing < DiskReserveBytes
            ? $"not enough disk: the work needs {missing >> 20} MiB more, and {free >> 20} MiB are free"
            : null;
    }

    /// <summary>How much of a blob is on disk, by the lengths of files.</summary>
    public long BytesOf(BlobRef blob)
    {
        var whole = new FileInfo(PathOf(blob.Sha256));
        var part = new FileInfo(PathOf(blob.Sha256) + ".part");
        return Math.Min(blob.Size, whole.Exists ? whole.Length : part.Exists ? part.Length : 0);
    }

    /// <summary>A blob's whole bytes, checked, from disk or from the grid. The blob cannot be evicted until the returned handle is disposed.</summary>
    /// <exception cref="BlobUnavailableException">It cannot be had.</exception>
    public async Task<BlobUse> UseAsync(BlobRef blob, string grant, CancellationToken cancellationToken)
    {
        var use = Hold(blob.Sha256);
        try
        {
            for (var attempt = 0; ; attempt++)
            {
                if (await ReadAsync(blob, cancellationToken) is { } bytes)
                {
                    use.Bytes = bytes;
                    return use;
                }

                if (attempt > RetriesMax)
                {
                    throw new BlobUnavailableException($"blob {blob.Sha256} came damaged {attempt} times");
                }

                await DownloadOnceAsync(blob, grant).WaitAsync(cancellationToken);
            }
        }
        catch
        {
            use.Dispose();
            throw;
        }
    }

    /// <summary>Opens a blob as it lies on the disk, unchecked; null when it is not there.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public FileStream? TryOpen(Sha256 digest)
    {
        try
        {
            return File.OpenRead(PathOf(digest));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Keeps a blob that came along with an assignment, if there is room without removing another.</summary>
    public void Keep(Sha256 digest, byte[] bytes)
    {
        var path = PathOf(digest);
        if (File.Exists(path) || Blobs().Sum(b => b.Size) + bytes.Length > QuotaBytes)
        {
            return;
        }

        var temporary = $"{path}.{Guid.NewGuid():n}";
        try
        {
            File.WriteAllBytes(temporary, bytes);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            // It comes along again, or is fetched.
            File.Delete(temporary);
            NotKept(digest.Value, e.Message);
        }
    }

    /// <summary>Removes a blob unless work uses it: a stranger's input is not kept longer than its lease.</summary>
    public void Forget(Sha256 digest)
    {
        lock (_gate)
        {
            if (!_uses.ContainsKey(digest))
            {
                Remove(digest);
            }
        }
    }

    // What sizes a stranger's order names is not known to make sense.
    private static long SizeOf(IEnumerable<BlobRef> blobs) =>
        blobs.Select(b => Math.Max(0, b.Size)).Aggregate(0L, (sum, size) => size > long.MaxValue - sum ? long.MaxValue : sum + size);

    private bool IsHere(Sha256 digest)
    {
        lock (_gate)
        {
            return _seen.Contains(digest) || (File.Exists(PathOf(digest)) && _seen.Add(digest));
        }
    }

    private BlobUse Hold(Sha256 digest)
    {
        lock (_gate)
        {
            _uses[digest] = _uses.GetValueOrDefault(digest) + 1;
        }

        return new BlobUse(() =>
        {
            lock (_gate)
            {
                if (--_uses[digest] == 0)
                {
                    _uses.Remove(digest);
                }
            }
        });
    }

    private async Task<byte[]?> ReadAsync(BlobRef blob, CancellationToken cancellationToken)
    {
        var path = PathOf(blob.Sha256);
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            var bytes = await File.ReadAllBytesAsync(path, cancellationToken);
            if (bytes.Length == blob.Size && Sha256.Of(bytes) == blob.Sha256)
            {
                File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
                return bytes;
            }

            Damaged(blob.Sha256.Value);
            lock (_gate)
            {
                _seen.Remove(blob.Sha256);
                File.Delete(path);
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BlobUnavailableException($"blob {blob.Sha256} cannot be read from this node's disk: {e.Message}");
        }
    }

    // Several leases may want one model at once: it is downloaded once, and no lease's cancellation ends it for the others.
    private Task DownloadOnceAsync(BlobRef blob, string grant)
    {
        lock (_gate)
        {
            if (!_downloads.TryGetValue(blob.Sha256, out var download))
            {
                download = Task.Run(() => DownloadAsync(blob, grant));
                _downloads[blob.Sha256] = download;
                _ = download.ContinueWith(
                    _ =>
                    {
                        lock (_gate)
                        {
                            _downloads.Remove(blob.Sha256);
                        }
                    },
                    TaskScheduler.Default);
            }

            return download;
        }
    }

    private async Task DownloadAsync(BlobRef blob, string grant)
    {
        var partial = PathOf(blob.Sha256) + ".part";
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                MakeRoom(blob);
                await using (var file = new FileStream(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite))
                {
                    if (file.Length > blob.Size)
                    {
                        file.SetLength(0);
                    }

                    await transport.DownloadAsync(blob, grant, file, CancellationToken.None);
                    if (file.Length < blob.Size)
                    {
                        throw new IOException($"the connection ended after {file.Length} of {blob.Size} bytes");
                    }
                }

                if (await DigestOfAsync(partial) == blob.Sha256)
                {
                    File.Move(partial, PathOf(blob.Sha256), overwrite: true);
                    return;
                }

                Damaged(blob.Sha256.Value);
                File.Delete(partial);
                throw new IOException("the bytes are not those that the digest names");
            }

            // .NET reports a file that reached the process's limit (EFBIG) as an argument that is out of range.
            catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException or UnauthorizedAccessException or ArgumentOutOfRangeException)
            {
                var final = e is HttpRequestException { StatusCode: >= System.Net.HttpStatusCode.BadRequest and < System.Net.HttpStatusCode.InternalServerError };
                if (final || attempt >= RetriesMax)
                {
                    throw new BlobUnavailableException($"blob {blob.Sha256} cannot be fetched: {e.Message}");
                }

                Retrying(blob.Sha256.Value, e.Message);
                await Task.Delay(RetryPause * (1 << attempt), time);
            }
        }
    }

    private static async Task<Sha256> DigestOfAsync(string path)
    {
        await using var file = File.OpenRead(path);
        return new Sha256(await SHA256.HashDataAsync(file));
    }

    private void MakeRoom(BlobRef blob)
    {
        lock (_gate)
        {
            var others = Blobs().Where(b => b.Digest != blob.Sha256).ToArray();
            foreach (var digest in EvictionRules.MakeRoom(others, blob.Size, QuotaBytes)
                ?? throw new BlobUnavailableException($"blob {blob.Sha256} of {blob.Size >> 20} MiB does not fit the disk quota of {QuotaBytes >> 20} MiB beside what is in use"))
            {
                Evicted(digest.Value);
                Remove(digest);
            }
        }
    }

    // A partial download counts as the blob, so that what is given up is evicted like everything else.
    private List<CachedBlob> Blobs()
    {
        List<CachedBlob> blobs = [];
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles())
        {
            if (Sha256.TryParse(Path.GetFileNameWithoutExtension(file.Name), null, out var digest))
            {
                lock (_gate)
                {
                    blobs.Add(new(digest, file.Length, file.LastWriteTimeUtc, _uses.ContainsKey(digest)));
                }
            }
        }

        return blobs;
    }

    private void Remove(Sha256 digest)
    {
        _seen.Remove(digest);
        File.Delete(PathOf(digest));
        File.Delete(PathOf(digest) + ".part");
    }

    private long FreeBytes()
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return long.MaxValue;
        }
    }

    private string PathOf(Sha256 digest) => Path.Combine(folder, digest.Value);

    [LoggerMessage(50, LogLevel.Warning, "Blob {Digest} is damaged and is fetched again")]
    private partial void Damaged(string digest);

    [LoggerMessage(51, LogLevel.Warning, "Fetching blob {Digest} is tried again: {Reason}")]
    private partial void Retrying(string digest, string reason);

    [LoggerMessage(53, LogLevel.Warning, "Blob {Digest} could not be kept: {Reason}")]
    private partial void NotKept(string digest, string reason);

    [LoggerMessage(52, LogLevel.Information, "Removed blob {Digest} to make room")]
    private partial void Evicted(string digest);
}
