using System.Collections.Immutable;
using PiGrid.Grains.Jobs;
using PiGrid.Grains.Shards.Segments;
using PiGrid.Grains.Verification;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Grains.Shards;

/// <summary>
/// The whole life of a shard as one transition function. It wants as many replicas as the quorum lacks, replaces what ends without a result,
/// hears every result, and ends in exactly one of two ways. After every event it compares what it has with what it needs, so no event
/// has to be anticipated by another: <see cref="Settle"/> is the only place that asks for a replica or decides.
/// </summary>
internal static class ShardRules
{
    /// <summary>What <paramref name="happened"/> changes.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="happened">The event.</param>
    /// <param name="now">The instant of the event.</param>
    /// <param name="fresh">A random id; requests made in this step take theirs from it.</param>
    /// <param name="options">The limits in force.</param>
    /// <param name="segments">How much a check by segments looks at.</param>
    public static ShardStep Apply(ShardState state, ShardEvent happened, DateTimeOffset now, Guid fresh, JobOptions options, SegmentCheckOptions segments)
    {
        var work = new ShardWork(state, now, fresh, options, segments);
        switch (happened)
        {
            case ShardEvent.Opened opened:
                Open(work, opened.Spec);
                break;
            case ShardEvent.ReplicaChanged { Change: var change } when SegmentCheckRules.IsOurs(change):
                SegmentCheckRules.Change(work, change);
                break;
            case ShardEvent.ReplicaChanged changed:
                ShardReplicaRules.Change(work, changed.Change);
                break;
            case ShardEvent.ResultArrived { Signed: var signed } answer when SegmentCheckRules.IsOurs(signed):
                SegmentCheckRules.Return(work, answer);
                break;
            case ShardEvent.ResultArrived arrived:
                ShardReplicaRules.Return(work, arrived);
                break;
            case ShardEvent.PlacementBlocked blocked:
                Block(work, blocked.Reason);
                ShardChecks.Block(work, blocked.LacksOwners);
                break;
            case ShardEvent.CheckWanted wanted:
                ShardChecks.Want(work, wanted.Check);
                break;
            case ShardEvent.Hurried:
                Hurry(work);
                break;
            case ShardEvent.Abandoned abandoned:
                if (work.State is { Phase: ShardPhase.Open, Canonical: not null })
                {
                    // It was being checked further: what it had stays.
                    Close(work, ShardPhase.Accepted, abandoned.Reason);
                }
                else if (work.State.Phase is ShardPhase.New or ShardPhase.Open)
                {
                    End(work, new ShardCommand.GiveUp(abandoned.Reason), abandoned.Reason);
                }

                break;
            case ShardEvent.TimePassed:
                ShardReplicaRules.Age(work);
                SegmentCheckRules.Age(work);
                ShardChecks.Age(work);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(happened), happened, "Unknown shard event.");
        }

        if (work.State.Phase == ShardPhase.Open)
        {
            Settle(work);
        }

        return work.ToStep();
    }

    /// <summary>The state of a shard that has ended, from what is durable of it.</summary>
    /// <param name="spec">The shard.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="canonical">The canonical output; null when there is none, or it is lost.</param>
    /// <param name="digest">Its digest.</param>
    /// <param name="agreed">The leases whose results agreed with it. Others are compared with it again when they are sent again: that a result did not
    /// agree does not say that it was wrong.</param>
    /// <param name="replicas">The replicas that returned the canonical output, in case it is to be checked further.</param>
    public static ShardState Restore(
        ShardSpec? spec, ShardOutcome outcome, ShardOutput? canonical, Sha256? digest, IEnumerable<LeaseId> agreed, IEnumerable<Replica> replicas) =>
        ShardState.New with
        {
            Replicas = [.. replicas],
            Step = outcome.Witnesses.Select(witness => witness.ReturnedAt).DefaultIfEmpty().Max(),
            Judged = [.. outcome.Judged],
            Agreeing = spec?.Policy.Agreeing ?? 1,
            Audit = outcome.Audited,
            Phase = outcome.Accepted ? ShardPhase.Accepted : ShardPhase.GivenUp,
            Spec = spec,
            Issued = outcome.Replicas,
            Canonical = canonical,
            CanonicalDigest = digest,
            Verdicts = agreed.ToImmutableDictionary(lease => lease, _ => Verdict.Accepted),
        };

    /// <summary>When <see cref="ShardEvent.TimePassed"/> can next change something; null when only messages can.</summary>
    public static DateTimeOffset? WakeAt(ShardState state, DateTimeOffset now, JobOptions options)
    {
        if (state.Phase != ShardPhase.Open)
        {
            return null;
        }

        var forgoneAt = ShardChecks.ForgoneAt(state, options);
        return state.Replicas.Select(replica => (DateTimeOffset?)(replica switch
        {
            { IsWanted: true } => replica.AskedAt + options.AskAgain,
            { State: ReplicaState.Disconnected } when GraceEnd(replica, options) > now => GraceEnd(replica, options),
            { IsLive: true } when HedgeRules.SlowAt(replica, state.IsTail) is { } slowAt && slowAt > now => slowAt,
            { IsLive: true } => replica.Deadline,
            _ => null,
        })).Append(forgoneAt > now ? forgoneAt : null).Append(SegmentCheckRules.WakeAt(state)).Min();
    }

    private static DateTimeOffset GraceEnd(Replica replica, JobOptions options) => replica.ChangedAt + options.DisconnectGrace;

    private static void Open(ShardWork work, ShardSpec spec)
    {
        if (work.State.Phase == ShardPhase.New)
        {
            work.State = ShardChecks.Begin(work.State with { Phase = ShardPhase.Open, Spec = spec, OpenedAt = work.Now });
        }
        else if (work.State.Phase != ShardPhase.Open)
        {
            work.Do(new ShardCommand.ReportAgain());
        }
    }

    /// <summary>The tail begins: hedges that wait already are asked for anew, as the tail's.</summary>
    private static void Hurry(ShardWork work)
    {
        if (!work.State.IsTail)
        {
            work.State = work.State with { IsTail = true };
            foreach (var waiting in work.State.Replicas.Where(r => r is { IsWanted: true, IsHedge: true }).ToArray())
            {
                ShardReplicaRules.Drop(work, waiting);
            }
        }
    }

    private static void Block(ShardWork work, string? reason)
    {
        if (work.State.Phase == ShardPhase.Open && work.State.Blocked != reason)
        {
            work.State = work.State with { Blocked = reason };
            work.Do(new ShardCommand.TellQueued(reason));
        }
    }

    /// <summary>Accepts, gives up, or brings the replicas on their way to the number that the quorum lacks.</summary>
    private static void Settle(ShardWork work)
    {
        var state = work.State;
        var returned = state.Replicas.Where(r => r.Result is not null && !state.Distrusted.Contains(r.Owner!.Value)).OrderBy(r => r.ReturnedIn).ToImmutableArray();
        var graph = Compare(work, returned);
        var running = state.Replicas.Where(r => !r.IsAudit && CountsAsRunning(r, work)).ToImmutableArray();
        var classes = running.Select(r => r.HardwareClass!).ToArray();
        var decision = PolicyRules.Decide(graph, ShardChecks.AimOf(state), classes, work.Options.ResultsPerShardMax);
        if (decision is not QuorumDecision.NeedMore { Spot: true })
        {
            SegmentCheckRules.Stop(work);
        }

        switch (decision)
        {
            case QuorumDecision.Accept accept:
                AcceptResult(work, accept, returned);
                break;
            case QuorumDecision.NeedMore more:
                ShardChecks.WantWord(work, more, CountsAsRunning);
                if (more.Spot)
                {
                    SegmentCheckRules.Begin(work);
                }

                Want(work, more);
                if (work.State.Phase == ShardPhase.Open)
                {
                    HedgeRules.Want(work, graph, running, more);
                }

                break;
            case QuorumDecision.GiveUp giveUp:
                End(work, new ShardCommand.GiveUp(giveUp.Reason), giveUp.Reason);
                break;
            default:
                throw new InvalidOperationException("Unknown quorum decision.");
        }
    }

    private static AgreementGraph Compare(ShardWork work, ImmutableArray<Replica> returned)
    {
        var candidates = returned
            .Select(r => new QuorumCandidate(r.Lease!.Value, r.Owner!.Value, r.Result!.Signed.Statement.Output, r.HardwareClass!, r.Result.Output) { Operator = r.IsAudit })
            .ToImmutableArray();
        if (work.State.Agreement?.IsOf(candidates) != true)
        {
            work.State = work.State with { Agreement = new AgreementGraph(candidates, work.State.Spec!.Comparator, work.State.Agreement) };
        }

        return work.State.Agreement;
    }

    /// <summary>
    /// A replica whose node is away counts for as long as the grace lasts, one whose node is silent does not; their results count whenever
    /// they come.
    /// </summary>
    private static bool CountsAsRunning(Replica replica, ShardWork work) => replica.State switch
    {
        ReplicaState.Suspected => false,
        ReplicaState.Disconnected => !replica.IsSilent && GraceEnd(replica, work.Options) > work.Now,
        _ => replica.IsLive,
    };

    private static void Want(ShardWork work, QuorumDecision.NeedMore more)
    {
        var wanted = work.State.Replicas.Where(r => r is { IsWanted: true, IsHedge: false, IsAudit: false }).ToArray();
        foreach (var surplus in wanted.Skip(more.Count))
        {
            ShardReplicaRules.Drop(work, surplus);
        }

        var missing = more.Count - wanted.Length;
        var left = work.Options.ReplicasPerShardMax - work.State.Issued - wanted.Length;
        var isWordOutOfReach = more.Audit && left <= 0 && !work.State.Replicas.Any(r => r is { IsAudit: true, IsWanted: true });
        if ((missing > left || isWordOutOfReach) && !work.State.Replicas.Any(r => r.IsLive))
        {
            var last = work.State.Replicas.LastOrDefault(r => r.Reason is not null)?.Reason ?? "none gave a reason";
            var reason = $"No agreement after {work.State.Issued} replicas (the limit is {work.Options.ReplicasPerShardMax}); the last one ended: {last}";
            End(work, new ShardCommand.GiveUp(reason), reason);
            return;
        }

        for (var i = 0; i < Math.Min(missing, left); i++)
        {
            ShardReplicaRules.Ask(work, more.HardwareClass);
        }
    }

    private static void AcceptResult(ShardWork work, QuorumDecision.Accept accept, ImmutableArray<Replica> returned)
    {
        var canonical = returned.First(r => r.Lease == accept.Canonical);
        work.State = work.State with
        {
            Canonical = canonical.Result!.Output,
            CanonicalDigest = canonical.Result.Signed.Statement.Output,
        };
        var agreed = accept.Agreeing.ToImmutableHashSet();
        var told = work.State.Verdicts;
        var verdicts = returned.ToImmutableDictionary(
            r => r.Lease!.Value,
            r => agreed.Contains(r.Lease!.Value) ? Verdict.Accepted : accept.Contradicting.Contains(r.Lease.Value) ? Verdict.Rejected : Verdict.TooLate);
        work.State = work.State with { Verdicts = told.SetItems(verdicts) };
        var evidence = ShardChecks.Judge(work.State, accept, returned);
        work.State = ShardChecks.Remember(work.State, accept, evidence, returned);
        End(work, ShardChecks.ToCommand(work.State, accept, canonical, returned), "the shard has its result");
        evidence.ForEach(work.Do);
        foreach (var replica in returned.Where(r => !told.TryGetValue(r.Lease!.Value, out var before) || before != verdicts[r.Lease.Value]))
        {
            var verdict = verdicts[replica.Lease!.Value];
            work.Do(new ShardCommand.TellVerdict(replica.Node!.Value, replica.Lease.Value, verdict, ShardReplicaRules.Explain(verdict)));
        }

        foreach (var replica in work.State.Replicas.Where(r => r.Result is not null && !work.State.Verdicts.ContainsKey(r.Lease!.Value)))
        {
            work.State = work.State with { Verdicts = work.State.Verdicts.Add(replica.Lease!.Value, Verdict.TooLate) };
            work.Do(new ShardCommand.TellVerdict(replica.Node!.Value, replica.Lease.Value, Verdict.TooLate, "its owner was found to give wrong results"));
        }
    }

    /// <summary>Closes the shard: the end is made durable first, then what still runs is taken back.</summary>
    private static void End(ShardWork work, ShardCommand end, string reason)
    {
        work.Do(end);
        Close(work, end is ShardCommand.Accept ? ShardPhase.Accepted : ShardPhase.GivenUp, reason);
    }

    private static void Close(ShardWork work, ShardPhase phase, string reason)
    {
        var accepted = phase == ShardPhase.Accepted;
        SegmentCheckRules.Stop(work);
        work.State = work.State with { Phase = phase, Blocked = null, AuditAskedAt = null };
        foreach (var replica in work.State.Replicas)
        {
            if (accepted && replica.IsAudit && (replica.IsWanted || replica.IsLive))
            {
                // Who is right in a dispute is worth knowing also when enough volunteers agreed meanwhile.
                continue;
            }

            if (replica.IsWanted)
            {
                // Not only withdrawn: a shard that is opened again would take it for asked, as it would take one that is cancelled for running.
                ShardReplicaRules.Drop(work, replica);
            }
            else if (replica.IsLive)
            {
                work.Replace(replica, replica with { State = ReplicaState.Cancelled, ChangedAt = work.Now, Reason = reason });
                work.Do(new ShardCommand.CancelLease(replica.Node!.Value, replica.Lease!.Value, reason));
            }
            else if (!accepted && replica.Result is not null)
            {
                work.Do(new ShardCommand.TellVerdict(replica.Node!.Value, replica.Lease!.Value, Verdict.TooLate, reason));
            }
        }
    }
}
