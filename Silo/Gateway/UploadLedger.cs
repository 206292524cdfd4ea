using System.Collections.Concurrent;

namespace PiGrid.Silo.Gateway;

/// <summary>
/// How many different outputs came under each lease, so that a grant does not become free storage. It is kept in memory: after a restart a lease may
/// upload anew, which a lease's short life bounds.
/// </summary>
internal sealed class UploadLedger(int uploadsMax, TimeProvider time)
{
    private readonly ConcurrentDictionary<LeaseId, Entry> _entries = new();
    private int _sinceSweep;

    /// <summary>Whether the lease may upload this output; sending the same one again always may.</summary>
    public bool Allows(LeaseId lease, Sha256 output, DateTimeOffset expiresAt)
    {
        if (Interlocked.Increment(ref _sinceSweep) >= 1_000)
        {
            Sweep();
        }

        var entry = _entries.GetOrAdd(lease, static (_, end) => new Entry(end), expiresAt);
        lock (entry)
        {
            return entry.Outputs.Contains(output) || (entry.Outputs.Count < uploadsMax && entry.Outputs.Add(output));
        }
    }

    private void Sweep()
    {
        Interlocked.Exchange(ref _sinceSweep, 0);
        var now = time.GetUtcNow();
        foreach (var (lease, entry) in _entries)
        {
            if (entry.ExpiresAt < now)
            {
                _entries.TryRemove(lease, out _);
            }
        }
    }

    private sealed class Entry(DateTimeOffset expiresAt)
    {
        public DateTimeOffset ExpiresAt { get; } = expiresAt;

        public HashSet<Sha256> Outputs { get; } = [];
    }
}
