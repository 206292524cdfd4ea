using PiGrid.Protocol;

namespace PiGrid.NodeAgent.Work;

/// <summary>A lease that is worked on: its newest form, how far its work is, and what ends it. Times are by this machine's monotonic clock.</summary>
internal sealed class HeldLease : IDisposable
{
    // What timers take.
    private static readonly TimeSpan TimeMax = TimeSpan.FromDays(40);

    private readonly TimeProvider _time;
    private readonly long _receivedAt;
    private readonly CancellationTokenSource _late;
    private readonly TaskCompletionSource<bool> _genuine = new();
    private volatile SignedLease _lease;
    private int _done;

    /// <summary>Begins the lease's time.</summary>
    /// <param name="assignment">The assignment, which just came.</param>
    /// <param name="time">The clock.</param>
    public HeldLease(Assignment assignment, TimeProvider time)
    {
        (_time, _receivedAt, _lease, Work) = (time, time.GetTimestamp(), assignment.Lease, assignment.Order.Work);
        _late = new(Left, time);
    }

    /// <summary>The lease, as the grid last signed it.</summary>
    public SignedLease Lease => _lease;

    /// <summary>What is run.</summary>
    public WorkTemplate Work { get; }

    /// <summary>Whether somebody waits for it online.</summary>
    public bool IsCall => _lease.Lease.Shard.Job.IsCall;

    /// <summary>Ends when it is known whether the lease is genuine, which for a call may be while its work runs. Nothing is told, kept or signed before.</summary>
    public Task<bool> Genuine => _genuine.Task;

    /// <summary>Whether it is known to be genuine.</summary>
    public bool IsGenuine => Genuine is { IsCompletedSuccessfully: true, Result: true };

    /// <summary>Whether the grid was told that it is accepted.</summary>
    public bool IsAccepted { get; set; }

    /// <summary>Inputs done.</summary>
    public int Done
    {
        get => Volatile.Read(ref _done);
        set => Volatile.Write(ref _done, value);
    }

    /// <summary>Says how many bytes of its blobs are here, whole or in part; null before the work begins.</summary>
    public Func<long>? Fetched { get; set; }

    /// <summary>Ends the work because the grid or the agent wants it no longer.</summary>
    public CancellationTokenSource Cancel { get; } = new();

    /// <summary>Ends the work because its time is over.</summary>
    public CancellationToken Late => _late.Token;

    /// <summary>Time since the lease came.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_receivedAt);

    /// <summary>The time that is left, not negative: what the grid gives, counted from when the lease came.</summary>
    public TimeSpan Left
    {
        get
        {
            var left = _lease.Lease.Deadline - _lease.Lease.IssuedAt - Elapsed;
            return left < TimeSpan.Zero ? TimeSpan.Zero : left > TimeMax ? TimeMax : left;
        }
    }

    /// <summary>The lease was checked; one that is forged has no work any more.</summary>
    public void Checked(bool isGenuine)
    {
        try
        {
            if (!isGenuine)
            {
                Cancel.Cancel();
            }
        }
        finally
        {
            _genuine.SetResult(isGenuine);
        }
    }

    /// <summary>The lease lasts longer. Once its time is over that changes nothing.</summary>
    public void Renew(SignedLease renewed)
    {
        _lease = renewed;
        _late.CancelAfter(Left);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _late.Dispose();
        Cancel.Dispose();
    }
}
