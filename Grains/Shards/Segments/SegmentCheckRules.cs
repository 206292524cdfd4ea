using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Grains.Shards.Segments;

/// <summary>
/// A spot check that looks at a part of a run. The result's node is asked to open segments that were drawn after it had committed itself; an operator node then
/// runs these alone. What is false counts as a wrong answer, and the shard is run again as a whole. What is right counts as a passed check, with the
/// chance with which it would have been seen to be false. Whatever does not come, is of no use, or is neither, has the shard run again as a whole.
/// </summary>
internal static class SegmentCheckRules
{
    /// <summary>Whether the word that is wanted can be had by segments: what is there can be checked so, or may be once it is there.</summary>
    public static bool IsPossible(ShardState state) => state is { Spot: true, Spec.Work.Segments.Plan: not null, Forgone: false }
        && ((state.Segments is { } check && !state.Distrusted.Contains(check.Owner)) || (FirstOf(state) is { } first ? !state.Opened.Contains(first.Lease!.Value) && SegmentDrawRules.CanCheck(first) : state.Distrusted.IsEmpty));

    /// <summary>Begins, if it has not begun: asks the node of the first result to open what is drawn.</summary>
    public static void Begin(ShardWork work)
    {
        if (work.State.Segments is not null || FirstOf(work.State) is not { } first)
        {
            return;
        }

        var spec = work.State.Spec!;
        var draw = SegmentDrawRules.Draw(first.Result!.Signed.Statement, spec.Work.Segments!.Segments, work.Fresh, work.Segments);
        var check = new SegmentCheck
        {
            Target = first.Lease!.Value,
            Node = first.Node!.Value,
            Owner = first.Owner!.Value,
            Draw = draw,
            Request = work.NextRequest(),
            Until = work.Now + work.Segments.AnswerTimeout,
        };
        work.State = work.State with { Segments = check, AuditAskedAt = null };
        work.Do(new ShardCommand.Want(Request(work, check, WorkKind.Open, null) with { Only = check.Node }));
    }

    /// <summary>Whether a report is about a lease to open or to audit, and none of a replica.</summary>
    public static bool IsOurs(ReplicaChange change) => change.Kind is WorkKind.Open or WorkKind.Audit;

    /// <summary>Whether a result is of a lease to open or to audit, and none of a replica.</summary>
    public static bool IsOurs(SignedResult result) => result.Lease.Lease.Kind is WorkKind.Open or WorkKind.Audit;

    /// <summary>A node's grain reports on such a lease.</summary>
    public static void Change(ShardWork work, ReplicaChange change)
    {
        var isGoing = change.State is ReplicaState.Assigned or ReplicaState.Accepted;
        if (work.State.Segments is not { } check || check.Request != change.Request)
        {
            if (isGoing)
            {
                work.Do(new ShardCommand.CancelLease(change.Node, change.Lease, "nobody waits for these segments any more"));
            }
        }
        else if (isGoing)
        {
            work.State = work.State with { Segments = check with { Given = (change.Node, change.Lease) } };
        }
        else if (check.Given?.Lease == change.Lease && change.State is ReplicaState.Declined or ReplicaState.Failed or ReplicaState.Expired or ReplicaState.Cancelled)
        {
            // Nothing that would blame anybody: the lease is over already, so there is nothing to take back.
            work.State = work.State with { Segments = check with { Given = null } };
            GiveUp(work, $"{change.State}: {change.Reason}");
        }
    }

    /// <summary>An opening or a finding came; its node is told what became of it.</summary>
    public static void Return(ShardWork work, ShardEvent.ResultArrived arrived)
    {
        var lease = arrived.Signed.Lease.Lease;
        if (work.State.Segments is not { } check || check.Request != lease.Request || (check.IsOpened ? !arrived.Sender.Operator : lease.Node != check.Node))
        {
            work.Do(new ShardCommand.TellVerdict(lease.Node, lease.Id, Verdict.TooLate, "nobody waits for these segments any more"));
            return;
        }

        work.State = work.State with { Segments = check with { Given = null } };
        if (arrived.Result is not { } result)
        {
            work.Do(new ShardCommand.TellVerdict(lease.Node, lease.Id, Verdict.Invalid, arrived.Problem));
            GiveUp(work, arrived.Problem!);
        }
        else if (check.IsOpened)
        {
            work.Do(new ShardCommand.TellVerdict(lease.Node, lease.Id, Verdict.Accepted, null));
            Judge(work, check, result.Output);
        }
        else
        {
            Opened(work, check, lease, result);
        }
    }

    /// <summary>When the check is no longer waited for; null when none is under way.</summary>
    public static DateTimeOffset? WakeAt(ShardState state) => state.Segments?.Until;

    /// <summary>Goes on without an answer that does not come.</summary>
    public static void Age(ShardWork work)
    {
        if (work.State.Segments is { } check && check.Until <= work.Now)
        {
            GiveUp(work, check.IsOpened ? "no operator node looked at it in time" : "the node did not open it in time");
        }
    }

    /// <summary>Nobody waits for the check any more.</summary>
    public static void Stop(ShardWork work)
    {
        if (work.State.Segments is not { } check)
        {
            return;
        }

        work.State = work.State with { Segments = null };
        if (check.Given is var (node, lease))
        {
            work.Do(new ShardCommand.CancelLease(node, lease, "nobody waits for these segments any more"));
        }
        else
        {
            work.Do(new ShardCommand.Withdraw(check.Request));
        }
    }

    /// <summary>The result that a check is about: the first that is believed.</summary>
    private static Replica? FirstOf(ShardState state) => state.Replicas
        .Where(r => r.Result is not null && !r.IsAudit && !state.Distrusted.Contains(r.Owner!.Value))
        .MinBy(r => r.ReturnedIn);

    private static void Opened(ShardWork work, SegmentCheck check, Lease lease, ReturnedResult opening)
    {
        var (target, opened) = (work.State.Replicas.Find(r => r.Lease == check.Target)!.Result!, opening.Output);
        if (SegmentDrawRules.Problem(target.Signed.Statement, check.Draw, opening.Signed.Statement, opened, out var proves) is { } problem)
        {
            work.Do(new ShardCommand.TellVerdict(lease.Node, lease.Id, proves ? Verdict.Rejected : Verdict.Invalid, problem));
            if (proves)
            {
                Fail(work, check, problem);
            }
            else
            {
                GiveUp(work, problem);
            }

            return;
        }

        work.Do(new ShardCommand.TellVerdict(lease.Node, lease.Id, Verdict.Accepted, null));
        var claims = check.Draw.Inputs
            .Select((input, i) => CanonicalJson.Serialize(new SegmentClaim { Output = target.Output.Items[input], Opening = opened.Items[i].Opening! }))
            .ToArray();
        work.Do(new ShardCommand.Keep(claims));
        var next = check with { IsOpened = true, Given = null, Request = work.NextRequest(), Until = work.Now + work.Segments.AnswerTimeout };
        work.State = work.State with { Segments = next };
        var named = claims.Select(claim => new BlobRef(Sha256.Of(claim), claim.Length)).ToArray();
        work.Do(new ShardCommand.Want(Request(work, next, WorkKind.Audit, named) with { Operator = true }));
    }

    private static void Judge(ShardWork work, SegmentCheck check, ShardOutput audited)
    {
        var (said, reason) = SegmentDrawRules.Judge(check.Draw, audited);
        switch (said)
        {
            case Agreement.Agree:
                Pass(work, check);
                break;
            case Agreement.Disagree:
                Fail(work, check, reason ?? "an operator node does not get what it opened");
                break;
            case Agreement.Inconclusive:
                GiveUp(work, reason ?? "what it opened is within no man's land");
                break;
        }
    }

    private static void Pass(ShardWork work, SegmentCheck check)
    {
        work.State = Over(work.State, check) with { Audit = false, Spot = false, Spotted = true };
        if (SegmentDrawRules.Counts(check.Draw, work.Fresh) && !work.State.Checked.ContainsKey(check.Target))
        {
            Tell(work, check, wrong: false, "an operator node confirms segments of it");
            work.State = work.State with { Checked = work.State.Checked.SetItem(check.Target, false) };
        }
    }

    private static void Fail(ShardWork work, SegmentCheck check, string reason)
    {
        Tell(work, check, wrong: true, $"a check of its segments: {reason}");
        work.Do(new ShardCommand.TellVerdict(check.Node, check.Target, Verdict.Rejected, reason));
        work.State = Over(work.State, check) with
        {
            Spot = false,
            Distrusted = work.State.Distrusted.Add(check.Owner),
            Checked = work.State.Checked.SetItem(check.Target, true),
            Verdicts = work.State.Verdicts.SetItem(check.Target, Verdict.Rejected),
        };
    }

    /// <summary>The whole run decides.</summary>
    private static void GiveUp(ShardWork work, string reason)
    {
        if (work.State.Segments is not { } check)
        {
            return;
        }

        if (check.Given is not null || check.Until <= work.Now)
        {
            Stop(work);
        }

        work.State = Over(work.State, check) with { Spot = false };
        work.Do(new ShardCommand.Notify(JobEventKind.ReplicaEnded, check.Node, check.Target, $"checked as a whole and not by segments: {reason}"));
    }

    private static void Tell(ShardWork work, SegmentCheck check, bool wrong, string detail)
    {
        var target = work.State.Replicas.Find(r => r.Lease == check.Target)!;
        work.Do(new ShardCommand.TellEvidence(check.Node, check.Target, wrong, detail));
        work.State = work.State with { Judged = work.State.Judged.Add(new ShardJudgement(check.Node, check.Owner, target.Passed, wrong)) };
    }

    private static ShardState Over(ShardState state, SegmentCheck check) => state with { Segments = null, Opened = state.Opened.Add(check.Target) };

    private static ReplicaRequest Request(ShardWork work, SegmentCheck check, WorkKind kind, BlobRef[]? claims)
    {
        var spec = work.State.Spec!;
        return new ReplicaRequest
        {
            Id = check.Request,
            Shard = spec.Id,
            Order = new WorkOrder
            {
                Work = spec.Work with { Kind = kind },
                Inputs = check.Draw.Inputs.Select(input => spec.Inputs[input]).ToArray(),
                Challenges = check.Draw.Challenges.ToArray(),
                Claims = claims,
            },
            ExcludedOwners = [],
            AskedAt = work.State.OpenedAt,
            Deadline = spec.Deadline < check.Until ? spec.Deadline : check.Until,
            Requester = spec.Requester,
            Priority = spec.Priority,
            Placement = spec.Placement,
        };
    }
}
