using PiGrid.Grains.Scheduling;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Grains.Shards;

/// <summary>What happens to single replicas of a shard: asked for, given, lost, returned. Deciding is <see cref="ShardRules"/>' part.</summary>
internal static class ShardReplicaRules
{
    /// <summary>Asks for one replica by owners and nodes that are free to take it.</summary>
    public static void Ask(ShardWork work, string? hardwareClass, bool hedge = false, bool audit = false)
    {
        var spec = work.State.Spec!;
        var isPrivate = PlacementRules.IsPrivate(spec.Placement);
        var held = work.State.Replicas.Where(r => r.IsLive || r.Result is not null);
        var request = new ReplicaRequest
        {
            Id = work.NextRequest(),
            Shard = spec.Id,
            Order = new WorkOrder { Work = spec.Work, Inputs = spec.Inputs },

            // Never two replicas with one owner: a result may still come from all that run, and counts from all that returned. What is private has one owner
            // alone, the operator: never two with one node.
            ExcludedOwners = isPrivate ? [] : held.Select(r => r.Owner!.Value).Distinct().ToArray(),

            // A node that just failed or refused the shard is passed over until the shard asks again.
            ExcludedNodes = work.State.Replicas
                .Where(r => r.State is ReplicaState.Failed or ReplicaState.Declined or ReplicaState.Expired)
                .Where(r => r.ChangedAt + work.Options.AskAgain > work.Now)
                .Concat(isPrivate ? held : [])
                .Select(r => r.Node!.Value).Distinct().ToArray(),
            HardwareClass = hardwareClass,
            Operator = audit,
            ExcludedRegions = audit ? [] : Distinct(work, r => r.Region),
            ExcludedHardwareClasses = audit ? [] : Distinct(work, r => r.HardwareClass!),
            AskedAt = work.State.OpenedAt,
            Deadline = spec.Deadline,
            Hedge = hedge,
            Tail = hedge && work.State.IsTail,
            Requester = spec.Requester,
            Priority = spec.Priority,
            Placement = spec.Placement,
        };
        work.State = work.State with
        {
            Replicas = work.State.Replicas.Add(new Replica { Request = request.Id, AskedAt = work.Now, IsHedge = hedge, IsAudit = audit, AskedIn = work.State.Step + 1 }),
        };
        work.Do(new ShardCommand.Want(request));
    }

    /// <summary>Under a critical policy: what the volunteers that have or had a replica have in common with nobody else.</summary>
    private static string[] Distinct(ShardWork work, Func<Replica, string> property) => work.State.Spec!.Policy.Kind == PolicyKind.Critical
        ? work.State.Replicas.Where(r => !r.IsAudit && (r.IsLive || r.Result is not null)).Select(property).Distinct().ToArray()
        : [];

    /// <summary>A replica that nobody has yet is no longer wanted.</summary>
    public static void Drop(ShardWork work, Replica wanted)
    {
        work.State = work.State with { Replicas = work.State.Replicas.Remove(wanted) };
        work.Do(new ShardCommand.Withdraw(wanted.Request));
    }

    /// <summary>A node's grain reports the state of a lease.</summary>
    public static void Change(ShardWork work, ReplicaChange change)
    {
        if (work.State.Phase == ShardPhase.New)
        {
            // The job opens the shard again after a restart; the node's grain reports again when its node reconnects.
            return;
        }

        if (work.State.Phase != ShardPhase.Open && !IsPendingAudit(work, change))
        {
            if (change.State is ReplicaState.Assigned or ReplicaState.Accepted)
            {
                work.Do(new ShardCommand.CancelLease(change.Node, change.Lease, "the shard is closed"));
            }

            return;
        }

        var replica = work.State.Replicas.Find(r => r.Lease == change.Lease);
        if (replica is null)
        {
            Adopt(work, change);
        }
        else if (replica.State != change.State && replica.IsLive)
        {
            // A node that declines was asked, not used: it does not count against the shard's bound.
            work.State = work.State with { Issued = work.State.Issued - (change.State == ReplicaState.Declined ? 1 : 0) };
            work.Replace(replica, replica with
            {
                State = change.State,
                ChangedAt = work.Now,
                Reason = change.Reason,
                Deadline = change.Deadline,
                IsSilent = change.State == ReplicaState.Suspected || (replica.IsSilent && change.State == ReplicaState.Disconnected),
            });
            Announce(work, change);
        }
        else if (replica.IsLive && change.Deadline > replica.Deadline)
        {
            // The lease was renewed.
            work.Replace(replica, replica with { Deadline = change.Deadline });
        }
    }

    /// <summary>An operator node looks at a dispute that volunteers have settled among themselves already.</summary>
    private static bool IsPendingAudit(ShardWork work, ReplicaChange change) => work.State.Phase == ShardPhase.Accepted
        && work.State.Replicas.Any(r => r.IsAudit && (r.IsWanted ? r.Request == change.Request : r.IsLive && r.Lease == change.Lease));

    /// <summary>
    /// A lease that this shard does not know: the answer to a request, or one from before the shard's grain was last activated.
    /// </summary>
    private static void Adopt(ShardWork work, ReplicaChange change)
    {
        if (change.State is not (ReplicaState.Assigned or ReplicaState.Accepted))
        {
            return;
        }

        var isPrivate = PlacementRules.IsPrivate(work.State.Spec!.Placement);
        if (work.State.Replicas.Any(r => (isPrivate ? r.Node == change.Node : r.Owner == change.Owner) && (r.IsLive || r.Result is not null)))
        {
            work.Do(new ShardCommand.CancelLease(change.Node, change.Lease, "its owner has a replica of this shard already"));
            return;
        }

        if (!change.Operator && (Distinct(work, r => r.Region).Contains(change.Region) || Distinct(work, r => r.HardwareClass!).Contains(change.HardwareClass)))
        {
            work.Do(new ShardCommand.CancelLease(change.Node, change.Lease, "another replica of this shard is in its region or of its hardware class already"));
            return;
        }

        var asked = work.State.Replicas.Find(r => r.IsWanted && r.Request == change.Request);
        var replica = (asked ?? new Replica { Request = change.Request, AskedAt = work.Now, IsAudit = change.Operator && !isPrivate }) with
        {
            Region = change.Region,
            State = change.State,
            Lease = change.Lease,
            Node = change.Node,
            Owner = change.Owner,
            HardwareClass = change.HardwareClass,
            Deadline = change.Deadline,
            ChangedAt = work.Now,
            GivenAt = work.Now,
            Pace = change.Pace,
        };
        work.State = work.State with
        {
            Replicas = asked is null ? work.State.Replicas.Add(replica) : work.State.Replicas.Replace(asked, replica),
            Issued = work.State.Issued + 1,
            Hedges = work.State.Hedges + (replica.IsHedge ? 1 : 0),
        };
        Announce(work, change);
    }

    /// <summary>A result came, in time or late; its node is told what became of it in every case.</summary>
    public static void Return(ShardWork work, ShardEvent.ResultArrived arrived)
    {
        var lease = arrived.Signed.Lease.Lease;
        if (arrived.Result is null)
        {
            Refuse(work, lease, arrived.Sender.Owner, arrived.Signed.Statement.HardwareClass, arrived.Problem!);
            return;
        }

        if (work.State.Phase != ShardPhase.Open)
        {
            if (!arrived.Sender.Operator || !work.State.Replicas.Any(r => r.Lease == lease.Id && r.IsLive))
            {
                AnswerLate(work, lease, arrived.Result);
                return;
            }

            // The word on a dispute that volunteers had settled among themselves meanwhile: it decides after all.
            work.State = work.State with { Phase = ShardPhase.Open };
        }

        var replica = work.State.Replicas.Find(r => r.Lease == lease.Id);
        if (replica?.Result is not null)
        {
            return;
        }

        var other = work.State.Replicas.Find(r => r.Lease != lease.Id && r.Owner == arrived.Sender.Owner && r.Result is not null);
        if (other is not null)
        {
            work.Do(new ShardCommand.TellVerdict(lease.Node, lease.Id, Verdict.TooLate, "its owner has returned a result of this shard already"));
            return;
        }

        var returned = (replica ?? NewReplica(work, lease)) with
        {
            State = ReplicaState.Returned,
            Node = lease.Node,
            Owner = arrived.Sender.Owner,
            HardwareClass = arrived.Signed.Statement.HardwareClass,
            ChangedAt = work.Now,
            Result = arrived.Result,
            Reason = null,
            IsAudit = arrived.Sender.Operator,
            Region = replica?.Region ?? arrived.Sender.Region,
            Passed = arrived.Sender.Passed,
            ReturnedIn = work.State.Step,
        };
        work.State = work.State with
        {
            Replicas = replica is null ? work.State.Replicas.Add(returned) : work.State.Replicas.Replace(replica, returned),
            Issued = work.State.Issued + (replica is null ? 1 : 0),
        };
        work.Do(new ShardCommand.Notify(JobEventKind.ReplicaReturned, lease.Node, lease.Id, null));

        // A late result of a lease thought lost can find its owner at work on the shard again: one of the two is enough.
        foreach (var second in work.State.Replicas.Where(r => r.IsLive && r.Owner == arrived.Sender.Owner).ToArray())
        {
            work.Replace(second, second with { State = ReplicaState.Cancelled, ChangedAt = work.Now, Reason = "its owner has returned a result" });
            work.Do(new ShardCommand.CancelLease(second.Node!.Value, second.Lease!.Value, "its owner has returned a result of this shard"));
        }
    }

    /// <summary>Ends leases that are over and asks afresh for what nobody took.</summary>
    public static void Age(ShardWork work)
    {
        foreach (var replica in work.State.Replicas.Where(r => r.IsLive && r.Deadline <= work.Now).ToArray())
        {
            work.Replace(replica, replica with { State = ReplicaState.Expired, ChangedAt = work.Now, Reason = "its lease ended" });
            work.Do(new ShardCommand.CancelLease(replica.Node!.Value, replica.Lease!.Value, "the lease ended"));
            work.Do(new ShardCommand.Notify(JobEventKind.ReplicaEnded, replica.Node, replica.Lease, "its lease ended"));
        }

        // A request may have been lost with its dispatcher, and the nodes that it passes over may be fit again: it is made anew.
        foreach (var stale in work.State.Replicas.Where(r => r.IsWanted && r.AskedAt + work.Options.AskAgain <= work.Now).ToArray())
        {
            Drop(work, stale);
        }
    }

    private static Replica NewReplica(ShardWork work, Lease lease) =>
        new() { Request = lease.Request, Lease = lease.Id, AskedAt = work.Now, Deadline = lease.Deadline };

    private static void Refuse(ShardWork work, Lease lease, OwnerId owner, string hardwareClass, string problem)
    {
        work.Do(new ShardCommand.TellVerdict(lease.Node, lease.Id, Verdict.Invalid, problem));
        var replica = work.State.Replicas.Find(r => r.Lease == lease.Id);
        if (work.State.Phase != ShardPhase.Open || replica?.Result is not null)
        {
            return;
        }

        var ended = (replica ?? NewReplica(work, lease)) with
        {
            State = ReplicaState.Failed,
            Node = lease.Node,
            Owner = owner,
            HardwareClass = hardwareClass,
            ChangedAt = work.Now,
            Reason = problem,
        };
        work.State = work.State with
        {
            Replicas = replica is null ? work.State.Replicas.Add(ended) : work.State.Replicas.Replace(replica, ended),
            Issued = work.State.Issued + (replica is null ? 1 : 0),
        };
        work.Do(new ShardCommand.Notify(JobEventKind.ReplicaEnded, lease.Node, lease.Id, problem));
    }

    private static void AnswerLate(ShardWork work, Lease lease, ReturnedResult result)
    {
        if (work.State.Phase == ShardPhase.New)
        {
            // Not opened again yet after a restart: the node keeps the result and sends it again.
            return;
        }

        if (!work.State.Verdicts.TryGetValue(lease.Id, out var verdict))
        {
            verdict = work.State.Canonical is { } canonical
                && result.Signed.Statement.Output != work.State.CanonicalDigest
                && OutputComparer.Compare(work.State.Spec!.Comparator, canonical, result.Output) == Agreement.Disagree
                    ? Verdict.Rejected
                    : Verdict.TooLate;
        }

        work.Do(new ShardCommand.TellVerdict(lease.Node, lease.Id, verdict, Explain(verdict)));
    }

    /// <summary>What a node is told beside the verdict.</summary>
    public static string? Explain(Verdict verdict) => verdict switch
    {
        Verdict.Accepted => null,
        Verdict.Rejected => "it contradicts the canonical result",
        Verdict.TooLate => "the shard was closed without it",
        Verdict.Invalid => "it cannot be used",
    };

    private static void Announce(ShardWork work, ReplicaChange change)
    {
        JobEventKind? kind = change.State switch
        {
            ReplicaState.Assigned => JobEventKind.ReplicaAssigned,
            ReplicaState.Accepted => JobEventKind.ReplicaAccepted,
            ReplicaState.Declined or ReplicaState.Failed or ReplicaState.Expired or ReplicaState.Cancelled
                or ReplicaState.Suspected or ReplicaState.Disconnected => JobEventKind.ReplicaEnded,
            ReplicaState.Returned => null,
        };
        if (kind is { } known)
        {
            work.Do(new ShardCommand.Notify(known, change.Node, change.Lease, change.Reason));
        }
    }
}
