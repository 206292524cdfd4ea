using PiGrid.NodeAgent.Cache;
using PiGrid.Protocol;

namespace PiGrid.NodeAgent.Work;

/// <summary>The blobs of one assignment: those that came along, those on disk, and those still to be fetched under its grant.</summary>
internal sealed class LeaseBlobs
{
    private readonly BlobCache _cache;
    private readonly Assignment _assignment;
    private readonly HeldLease _held;
    private readonly Dictionary<Sha256, byte[]> _inline = [];

    /// <summary>Sorts what came along by digest; what is not one of the order's blobs is never asked for.</summary>
    public LeaseBlobs(BlobCache cache, Assignment assignment, HeldLease held)
    {
        (_cache, _assignment, _held) = (cache, assignment, held);
        foreach (var bytes in assignment.Inline)
        {
            _inline[Sha256.Of(bytes)] = bytes;
        }

        if (!held.IsGenuine)
        {
            // Its model is loaded, so there is nothing to keep.
            return;
        }

        foreach (var blob in WorkBlobs.Model(assignment.Order.Work))
        {
            if (_inline.TryGetValue(blob.Sha256, out var bytes))
            {
                cache.Keep(blob.Sha256, bytes);
            }
        }
    }

    /// <summary>How many bytes of the order's blobs are on disk or on their way there; those that came along do not count.</summary>
    public long Fetched => WorkBlobs.All(_assignment.Order).Where(b => !_inline.ContainsKey(b.Sha256)).Sum(_cache.BytesOf);

    /// <summary>Waits until the lease is known to be genuine.</summary>
    /// <exception cref="OperationCanceledException">It is not.</exception>
    public async Task BeGenuineAsync()
    {
        if (!await _held.Genuine)
        {
            throw new OperationCanceledException(_held.Cancel.Token);
        }
    }

    /// <summary>A blob's checked bytes. Before the lease is known to be genuine an input that came along is all that there is.</summary>
    /// <exception cref="BlobUnavailableException">It cannot be had.</exception>
    /// <exception cref="OperationCanceledException">The lease is forged, or <paramref name="cancellationToken"/> ended it.</exception>
    public async Task<BlobUse> UseAsync(BlobRef blob, CancellationToken cancellationToken)
    {
        var cameAlong = _inline.TryGetValue(blob.Sha256, out var bytes);
        if (!cameAlong || WorkBlobs.Model(_assignment.Order.Work).Any(model => model.Sha256 == blob.Sha256))
        {
            await BeGenuineAsync();
        }

        return cameAlong ? new BlobUse(() => { }) { Bytes = bytes! } : await _cache.UseAsync(blob, _assignment.Grant, cancellationToken);
    }

    /// <summary>Removes the inputs from the disk, where a genuine lease may have brought them.</summary>
    public void ForgetInputs()
    {
        if (!_held.IsGenuine)
        {
            return;
        }

        foreach (var blob in _assignment.Order.Inputs.Select(i => i.Blob).Concat(_assignment.Order.Claims ?? []).Where(b => !_inline.ContainsKey(b.Sha256)))
        {
            _cache.Forget(blob.Sha256);
        }
    }
}
