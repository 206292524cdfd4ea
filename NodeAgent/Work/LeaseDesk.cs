using PiGrid.NodeAgent.Session;
using PiGrid.Protocol;

namespace PiGrid.NodeAgent.Work;

/// <summary>
/// The leases that the node holds: takes or declines them, runs them, and remembers which it must report when it connects again. A call whose worker is ready
/// is checked while it runs: the check takes a third of what a small model does. Until it has passed nobody hears of the lease. That a call is accepted is told
/// only when its result does not come at once: the message would cost the grid as much as the result does.
/// </summary>
internal sealed partial class LeaseDesk(
    LeaseRun run, ResultStore results, ResultSender sender, IOutbox outbox, AgentStanding standing, TimeProvider time, ILogger logger)
{
    // What a proof may carry; the silo refuses more.
    private const int LeasesReportedMax = 1024;

    // One timer looks at all calls, so it is told between once and twice this time after a call came; the grid waits for half a second at least.
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly Dictionary<LeaseId, HeldLease> _held = [];
    private TaskCompletionSource _idle = Completed();
    private ITimer? _accepting;
    private bool _isAccepting;

    /// <summary>How a check goes on beside the work.</summary>
    public Action<Action> Beside { get; init; } = static check => Task.Run(check);

    /// <summary>Leases being worked on.</summary>
    public int Working
    {
        get
        {
            lock (_gate)
            {
                return _held.Count;
            }
        }
    }

    /// <summary>How far each of them is.</summary>
    public IReadOnlyList<LeaseProgress> Progress
    {
        get
        {
            lock (_gate)
            {
                return [.. _held.Where(h => h.Value.IsGenuine).Select(h => new LeaseProgress(h.Key, h.Value.Done, h.Value.Fetched?.Invoke() ?? 0))];
            }
        }
    }

    /// <summary>Ends when nothing is worked on.</summary>
    public Task Idle
    {
        get
        {
            lock (_gate)
            {
                return _idle.Task;
            }
        }
    }

    /// <summary>The leases that are worked on or have a result without a verdict.</summary>
    public IReadOnlyList<SignedLease> Held
    {
        get
        {
            lock (_gate)
            {
                var pending = results.Pending.Select(r => r.Lease).Where(l => !_held.ContainsKey(l.Lease.Id));
                return [.. _held.Values.Where(h => h.IsGenuine).Select(h => h.Lease).Concat(pending).Take(LeasesReportedMax)];
            }
        }
    }

    /// <summary>Takes an assignment or declines it; either is told before anything is fetched.</summary>
    public void Take(Assignment assignment)
    {
        var id = assignment.Lease.Lease.Id;
        HeldLease held;
        bool isAhead;
        lock (_gate)
        {
            if (_held.TryGetValue(id, out var first))
            {
                // Sent twice around a reconnect. One that is still being checked is answered when that is done.
                if (first.IsGenuine)
                {
                    Accept(first);
                }

                return;
            }

            isAhead = run.CanBegin(assignment) && LeaseCheck.RefuseAtSight(assignment, standing.Node, time.GetUtcNow()) is null && Decline(assignment) is null;
            var refused = isAhead ? null : LeaseCheck.Refuse(assignment, standing.LeaseKey, standing.Node, time.GetUtcNow()) ?? Decline(assignment);
            if (refused is not null)
            {
                Refuse(id, refused);
                return;
            }

            held = new HeldLease(assignment, time);
            _held[id] = held;
            if (!isAhead)
            {
                held.Checked(isGenuine: true);
            }

            if (held.IsCall)
            {
                AcceptLater();
            }
            else
            {
                Accept(held);
            }

            if (_idle.Task.IsCompleted)
            {
                _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        if (isAhead)
        {
            Beside(() => Check(assignment, held));
        }
        else
        {
            LogAccepted(assignment);
        }

        // A call's caller waits, and what it needs is here: it goes to its worker at once.
        _ = held.IsCall ? RunAsync(assignment, held) : Task.Run(() => RunAsync(assignment, held));
    }

    /// <summary>The grid wants a lease's work no longer.</summary>
    public void Cancel(LeaseId lease, string reason)
    {
        lock (_gate)
        {
            if (_held.TryGetValue(lease, out var held))
            {
                Cancelled(lease.Value, reason);
                held.Cancel.Cancel();
            }
        }
    }

    /// <summary>A lease lasts longer.</summary>
    public void Renew(SignedLease renewed)
    {
        var id = renewed.Lease.Id;
        lock (_gate)
        {
            if (!_held.TryGetValue(id, out var held))
            {
                // Its work ended meanwhile.
                return;
            }

            if (LeaseCheck.RefuseRenewal(renewed, held.Lease.Lease, standing.LeaseKey) is { } refused)
            {
                NotRenewed(id.Value, refused);
                return;
            }

            held.Renew(renewed);
            Renewed(id.Value, renewed.Lease.Deadline);
        }
    }

    /// <summary>What became of a result.</summary>
    public void Judge(VerdictMessage verdict)
    {
        var level = sender.Forget(verdict.Lease) is { } result ? LevelOf(result.Lease.Lease) : LogLevel.Information;
        if (verdict.Reason is { } reason)
        {
            Judged(level, verdict.Lease.Value, verdict.Verdict, reason);
        }
        else
        {
            Judged(level, verdict.Lease.Value, verdict.Verdict);
        }
    }

    /// <summary>Gives everything back that is worked on; the grid hears of it at once and need not wait for the connection to be missed.</summary>
    public void Abandon(string reason)
    {
        lock (_gate)
        {
            foreach (var (id, held) in _held)
            {
                Cancelled(id.Value, reason);
                held.Cancel.Cancel();
                outbox.TrySend(new DeclineMessage(id, $"draining: {reason}"));
            }
        }
    }

    private string? Decline(Assignment assignment) =>
        AdmissionRules.Decline(assignment.Order, standing.ReadinessFor(assignment, _held.Values));

    private void Refuse(LeaseId lease, string reason)
    {
        Declined(lease.Value, reason);
        outbox.TrySend(new DeclineMessage(lease, reason));
    }

    private void Accept(HeldLease held)
    {
        held.IsAccepted = true;
        outbox.TrySend(new AcceptMessage(held.Lease.Lease.Id));
    }

    private void LogAccepted(Assignment assignment)
    {
        var level = LevelOf(assignment.Lease.Lease);
        Accepted(level, assignment.Lease.Lease.Id.Value, assignment.Order.Work.Model.Value, assignment.Order.Inputs.Count);
    }

    private void AcceptLater()
    {
        if (!_isAccepting)
        {
            _isAccepting = true;
            _accepting ??= time.CreateTimer(_ => AcceptSlow(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _accepting.Change(AcceptPause, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Tells of the calls whose results do not come at once.</summary>
    private void AcceptSlow()
    {
        lock (_gate)
        {
            _isAccepting = false;
            foreach (var held in _held.Values.Where(h => !h.IsAccepted && !h.Cancel.IsCancellationRequested))
            {
                if (held.IsGenuine && held.Elapsed >= AcceptPause)
                {
                    Accept(held);
                }
                else
                {
                    AcceptLater();
                }
            }
        }
    }

    /// <summary>Checks a lease whose work has begun.</summary>
    private void Check(Assignment assignment, HeldLease held)
    {
        string? refused;
        try
        {
            refused = LeaseCheck.RefuseClosely(assignment, standing.LeaseKey);
        }
        catch (Exception e)
        {
            // What cannot be checked is not genuine.
            refused = $"the agent failed: {e.Message}";
        }

        // Told first: with the check its result may go out.
        if (refused is null)
        {
            LogAccepted(assignment);
        }
        else
        {
            Refuse(assignment.Lease.Lease.Id, refused);
        }

        held.Checked(refused is null);
    }

    private async Task RunAsync(Assignment assignment, HeldLease held)
    {
        var id = assignment.Lease.Lease.Id;
        string? failure = null;
        StoredResult? result = null;
        try
        {
            result = await run.RunAsync(assignment, held, held.Cancel.Token);
        }
        catch (OperationCanceledException) when (held.Cancel.IsCancellationRequested)
        {
            // Nothing is owed for it.
        }
        catch (Exception e)
        {
            // Whatever it was, the node lives on and the grid hears of it.
            failure = e is LeaseFailedException or Cache.BlobUnavailableException ? e.Message : $"the agent failed: {e.Message}";
        }

        // What is forged has been declined, whatever became of its work; it has no result.
        if (await held.Genuine && failure is not null)
        {
            Failed(id.Value, failure);
        }
        else
        {
            failure = null;
        }

        TaskCompletionSource? idle = null;
        lock (_gate)
        {
            _held.Remove(id);
            idle = _held.Count == 0 ? _idle : null;
        }

        held.Dispose();
        if (result is not null)
        {
            sender.Send(result);
        }
        else if (failure is not null)
        {
            outbox.TrySend(new FailMessage(id, failure));
        }

        idle?.TrySetResult();
    }

    /// <summary>How a lease's steps are logged: online calls come by the hundred a second.</summary>
    internal static LogLevel LevelOf(Lease lease) => lease.Shard.Job.IsCall ? LogLevel.Debug : LogLevel.Information;

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    [LoggerMessage(EventId = 80, Message = "Accepted lease {Lease}: {Model}, {Inputs} inputs")]
    private partial void Accepted(LogLevel level, string lease, string model, int inputs);

    [LoggerMessage(81, LogLevel.Information, "Declined lease {Lease}: {Reason}")]
    private partial void Declined(string lease, string reason);

    [LoggerMessage(82, LogLevel.Information, "Stops work on lease {Lease}: {Reason}")]
    private partial void Cancelled(string lease, string reason);

    [LoggerMessage(88, LogLevel.Information, "Lease {Lease} is renewed to {Deadline}")]
    private partial void Renewed(string lease, DateTimeOffset deadline);

    [LoggerMessage(89, LogLevel.Warning, "A renewal of lease {Lease} is ignored: {Reason}")]
    private partial void NotRenewed(string lease, string reason);

    [LoggerMessage(EventId = 83, Message = "The result of lease {Lease} is {Verdict}")]
    private partial void Judged(LogLevel level, string lease, Verdict verdict);

    [LoggerMessage(EventId = 87, Message = "The result of lease {Lease} is {Verdict}: {Reason}")]
    private partial void Judged(LogLevel level, string lease, Verdict verdict, string reason);

    [LoggerMessage(84, LogLevel.Error, "Lease {Lease} failed: {Reason}")]
    private partial void Failed(string lease, string reason);
}
