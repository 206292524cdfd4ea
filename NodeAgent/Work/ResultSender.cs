using System.Collections.Concurrent;
using PiGrid.NodeAgent.Cache;
using PiGrid.NodeAgent.Session;
using PiGrid.Protocol;

namespace PiGrid.NodeAgent.Work;

/// <summary>
/// Brings results to the grid: small outputs inside the message, large ones uploaded before it. Sent again by every session, and in a session ever more
/// rarely, until the verdict: a verdict may take hours when others are slow, and a result may be lost on its way to the shard.
/// </summary>
internal sealed partial class ResultSender(ResultStore store, BlobTransport transport, IOutbox outbox, TimeProvider time, ILogger logger)
{
    // What a digest in the statement and the rest of the message take, generously.
    private const int BytesPerInput = 70, BytesBeside = 4096;

    private readonly ConcurrentDictionary<LeaseId, Task> _uploads = new();
    private readonly ConcurrentDictionary<LeaseId, bool> _uploaded = new();
    private readonly ConcurrentDictionary<LeaseId, Sending> _sent = new();

    /// <summary>The wait before a failed upload is tried again; each next one waits twice as long.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Times that an upload is tried in one session.</summary>
    public int AttemptsMax { get; init; } = 6;

    /// <summary>The longest wait before a result is sent a second time; each next one waits twice as long, up to what the welcome says.</summary>
    public TimeSpan ResendFirst { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The longest wait between two sendings of a result when the welcome says nothing.</summary>
    public TimeSpan ResendMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Sends every result that has no verdict, as a session opens.</summary>
    public void SendAll()
    {
        store.Expire(time.GetUtcNow());
        _sent.Clear();
        foreach (var result in store.Pending)
        {
            Send(result);
        }
    }

    /// <summary>Sends those results again whose verdict has not come for too long; called from time to time while a session is open.</summary>
    public void SendDue()
    {
        Keep();
        store.Expire(time.GetUtcNow());
        foreach (var result in store.Pending)
        {
            // What was never sent in this session was finished just now, and is sent by the one who finished it.
            if (_sent.TryGetValue(result.Lease.Lease.Id, out var sending) && time.GetElapsedTime(sending.At) >= sending.Wait)
            {
                SentAgain(result.Lease.Lease.Id.Value, sending.Times);
                Send(result);
            }
        }
    }

    /// <summary>Sends a result, now or when its output is uploaded. Without a session it waits for the next one.</summary>
    public void Send(StoredResult result)
    {
        if (outbox.Welcome is not { } welcome || store.Output(result) is not { } output)
        {
            return;
        }

        var id = result.Lease.Lease.Id;
        Note(id, welcome);
        var inline = output.Length <= welcome.InlineOutputBytesMax
            && (output.Length * 4L / 3) + ((result.Statement.Inputs.Count + (result.Statement.Commitments?.Count ?? 0)) * (long)BytesPerInput) + BytesBeside <= NodeProtocol.FrameBytesMax;
        if (inline || _uploaded.ContainsKey(id))
        {
            if (!outbox.TrySend(Message(result, inline ? output : null)))
            {
                NotSent(id.Value);
            }

            return;
        }

        _ = _uploads.GetOrAdd(id, _ => UploadAsync(result, output));
    }

    /// <summary>Writes results to disk that are in memory alone; called also as a session ends.</summary>
    public void Keep() => store.WriteWaiting();

    /// <summary>The result has its verdict.</summary>
    /// <returns>What it was; null when none was kept.</returns>
    public StoredResult? Forget(LeaseId lease)
    {
        _uploaded.TryRemove(lease, out _);
        _sent.TryRemove(lease, out _);
        return store.Remove(lease);
    }

    private void Note(LeaseId lease, WelcomeMessage welcome)
    {
        var most = welcome.ResendMs is { } stated ? TimeSpan.FromMilliseconds(Math.Clamp(stated, 100, 86_400_000)) : ResendMax;
        var times = _sent.TryGetValue(lease, out var before) ? before.Times + 1 : 1;
        _sent[lease] = new(times, time.GetTimestamp(), new BackOff(ResendFirst, most).After(times, Random.Shared.NextDouble()));
    }

    private async Task UploadAsync(StoredResult result, byte[] output)
    {
        // Leaves the caller's stack, so that the dictionary has the task before it can end.
        await Task.Yield();
        var id = result.Lease.Lease.Id;
        try
        {
            for (var attempt = 0; attempt < AttemptsMax && outbox.Welcome is not null && store.Contains(id); attempt++)
            {
                try
                {
                    await transport.UploadAsync(result.Statement.Output, output, result.Grant, CancellationToken.None);
                    _uploaded[id] = true;
                    outbox.TrySend(Message(result, null));
                    return;
                }
                catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
                {
                    NotUploaded(id.Value, e.Message);
                    await Task.Delay(RetryPause * (1 << attempt), time);
                }
            }
        }
        finally
        {
            _uploads.TryRemove(id, out _);
        }
    }

    private static ResultMessage Message(StoredResult result, byte[]? output) => new(new SignedResult
    {
        Lease = result.Lease,
        Statement = result.Statement,
        Signature = result.Signature,
        Output = output,
        OutputSize = result.OutputSize,
    });

    private readonly record struct Sending(int Times, long At, TimeSpan Wait);

    [LoggerMessage(67, LogLevel.Debug, "No verdict came for the result of lease {Lease}, sent {Times} times; it is sent again")]
    private partial void SentAgain(string lease, int times);

    [LoggerMessage(65, LogLevel.Warning, "The result of lease {Lease} could not be sent; it waits for the next session")]
    private partial void NotSent(string lease);

    [LoggerMessage(66, LogLevel.Warning, "The output of lease {Lease} could not be uploaded: {Reason}")]
    private partial void NotUploaded(string lease, string reason);
}
