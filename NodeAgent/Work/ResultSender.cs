using System.Collections.Concurrent;
using PiGrid.NodeAgent.Cache;
using PiGrid.NodeAgent.Session;
using PiGrid.Protocol;

namespace PiGrid.NodeAgent.Work;

/// <summary>Brings results to the grid: small outputs inside the message, large ones uploaded before it. Sent again by every session until the verdict.</summary>
internal sealed partial class ResultSender(ResultStore store, BlobTransport transport, IOutbox outbox, TimeProvider time, ILogger logger)
{
    // What a digest in the statement and the rest of the message take, generously.
    private const int BytesPerInput = 70, BytesBeside = 4096;

    private readonly ConcurrentDictionary<LeaseId, Task> _uploads = new();
    private readonly ConcurrentDictionary<LeaseId, bool> _uploaded = new();

    /// <summary>The wait before a failed upload is tried again; each next one waits twice as long.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Times that an upload is tried in one session.</summary>
    public int AttemptsMax { get; init; } = 6;

    /// <summary>Sends every result that has no verdict.</summary>
    public void SendAll()
    {
        store.Expire(time.GetUtcNow());
        foreach (var result in store.Pending)
        {
            Send(result);
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
        var inline = output.Length <= welcome.InlineOutputBytesMax
            && (output.Length * 4L / 3) + (result.Statement.Inputs.Count * (long)BytesPerInput) + BytesBeside <= NodeProtocol.FrameBytesMax;
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

    /// <summary>The result has its verdict.</summary>
    public void Forget(LeaseId lease)
    {
        _uploaded.TryRemove(lease, out _);
        store.Remove(lease);
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

    [LoggerMessage(65, LogLevel.Warning, "The result of lease {Lease} could not be sent; it waits for the next session")]
    private partial void NotSent(string lease);

    [LoggerMessage(66, LogLevel.Warning, "The output of lease {Lease} could not be uploaded: {Reason}")]
    private partial void NotUploaded(string lease, string reason);
}
