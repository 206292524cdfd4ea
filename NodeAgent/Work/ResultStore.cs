using System.Text.Json;

namespace PiGrid.NodeAgent.Work;

/// <summary>
/// Results on disk until their verdicts come: finished work is never thrown away because a connection or the agent ended. Flushed to the system and
/// not to the disk, since a power cut costs one replica, while a flush would cost milliseconds on each. Those of online calls have their verdict in
/// milliseconds, so they are written only when they still wait at the next heartbeat.
/// </summary>
internal sealed partial class ResultStore
{
    private readonly string _folder;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<LeaseId, StoredResult> _results = [];

    // Outputs of results that are not on disk yet.
    private readonly Dictionary<LeaseId, byte[]> _waiting = [];

    /// <summary>Opens the store, with what an earlier run left.</summary>
    public ResultStore(string folder, TimeProvider time, ILogger logger)
    {
        (_folder, _logger) = (folder, logger);
        foreach (var file in Directory.EnumerateFiles(folder, "*.json"))
        {
            if (Read(file) is { } result)
            {
                _results[result.Lease.Lease.Id] = result;
            }
        }

        // What a kill or a full disk left in the middle of a result.
        HashSet<string> whole = [.. _results.Keys.SelectMany(id => new[] { PathOf(id), OutputOf(id) })];
        foreach (var file in Directory.GetFiles(folder).Where(f => !whole.Contains(f)))
        {
            File.Delete(file);
        }

        Expire(time.GetUtcNow());
    }

    /// <summary>Results without a verdict, the oldest first.</summary>
    public IReadOnlyList<StoredResult> Pending
    {
        get
        {
            lock (_gate)
            {
                return [.. _results.Values.OrderBy(r => r.Lease.Lease.IssuedAt)];
            }
        }
    }

    /// <summary>Keeps a result; nothing is left of it on disk when that fails.</summary>
    public void Put(StoredResult result, byte[] output)
    {
        var isCall = result.Lease.Lease.Shard.Job.IsCall;
        if (!isCall)
        {
            Write(result, output);
        }

        lock (_gate)
        {
            _results[result.Lease.Lease.Id] = result;
            if (isCall)
            {
                _waiting[result.Lease.Lease.Id] = output;
            }
        }
    }

    /// <summary>Writes what is in memory alone.</summary>
    public void WriteWaiting()
    {
        lock (_gate)
        {
            foreach (var (id, output) in _waiting)
            {
                try
                {
                    Write(_results[id], output);
                    _waiting.Remove(id);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
                {
                    // It stays in memory, and is tried again.
                    NotWritten(id.Value, e.Message);
                }
            }
        }
    }

    private void Write(StoredResult result, byte[] output)
    {
        var id = result.Lease.Lease.Id;
        var incoming = PathOf(id) + ".new";
        try
        {
            File.WriteAllBytes(OutputOf(id), output);
            File.WriteAllBytes(incoming, JsonSerializer.SerializeToUtf8Bytes(result, GridJson.Wire));
            File.Move(incoming, PathOf(id), overwrite: true);
        }
        catch
        {
            File.Delete(incoming);
            File.Delete(OutputOf(id));
            throw;
        }
    }

    /// <summary>The output of a result; null when it is gone or damaged, and then the result is, too.</summary>
    public byte[]? Output(StoredResult result)
    {
        var id = result.Lease.Lease.Id;
        lock (_gate)
        {
            if (_waiting.TryGetValue(id, out var waiting))
            {
                return waiting;
            }
        }

        try
        {
            var bytes = File.ReadAllBytes(OutputOf(id));
            if (Sha256.Of(bytes) == result.Statement.Output)
            {
                return bytes;
            }
        }
        catch (IOException)
        {
            // Gone.
        }

        Damaged(id.Value);
        Remove(id);
        return null;
    }

    /// <summary>Whether a result is kept for this lease.</summary>
    public bool Contains(LeaseId lease)
    {
        lock (_gate)
        {
            return _results.ContainsKey(lease);
        }
    }

    /// <summary>Forgets a result.</summary>
    /// <returns>What it was; null when there was none.</returns>
    public StoredResult? Remove(LeaseId lease)
    {
        lock (_gate)
        {
            _results.Remove(lease, out var removed);
            if (!_waiting.Remove(lease))
            {
                File.Delete(PathOf(lease));
                File.Delete(OutputOf(lease));
            }

            return removed;
        }
    }

    /// <summary>Forgets results that nobody waits for any more.</summary>
    public void Expire(DateTimeOffset now)
    {
        foreach (var result in Pending.Where(r => r.KeepUntil <= now))
        {
            Expired(result.Lease.Lease.Id.Value);
            Remove(result.Lease.Lease.Id);
        }
    }

    private StoredResult? Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<StoredResult>(File.ReadAllBytes(file), GridJson.Wire);
        }
        catch (JsonException)
        {
            Damaged(Path.GetFileName(file));
            File.Delete(file);
            return null;
        }
    }

    private string PathOf(LeaseId lease) => Path.Combine(_folder, $"{lease.Value}.json");

    private string OutputOf(LeaseId lease) => Path.Combine(_folder, $"{lease.Value}.output");

    [LoggerMessage(60, LogLevel.Warning, "The stored result {Lease} is damaged and is dropped")]
    private partial void Damaged(string lease);

    [LoggerMessage(62, LogLevel.Warning, "The result of lease {Lease} cannot be written yet: {Reason}")]
    private partial void NotWritten(string lease, string reason);

    [LoggerMessage(61, LogLevel.Warning, "No verdict came for the result of lease {Lease}; it is dropped")]
    private partial void Expired(string lease);
}
