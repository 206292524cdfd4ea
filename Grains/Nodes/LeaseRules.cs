using System.Collections.Immutable;
using PiGrid.Protocol;

namespace PiGrid.Grains.Nodes;

/// <summary>
/// A lease's life on its node: given, acknowledged, returned or lost. It is never longer than its deadline; a result that comes later is still
/// handed to its shard, which answers truthfully.
/// </summary>
internal static class LeaseRules
{
    // Offers follow each other closely while a node works, so few replicas end between two.
    private const int FinishedMax = 64;

    // Verdicts get lost with a connection; few are on their way in it at once.
    private const int JudgedMax = 128;

    // The weight of the newest replica in a node's pace.
    private const double PaceWeight = 0.1;

    /// <summary>The request as the node can read it: an order has a digest of all its members, so an agent that does not know segments is told nothing of them.</summary>
    public static ReplicaRequest Fit(ReplicaRequest request, NodeProfile? profile) => profile?.Segments == true || request.Order.Work.Segments is null
        ? request
        : request with { Order = request.Order with { Work = request.Order.Work with { Segments = null } } };

    /// <summary>Gives the node a replica, or says why not.</summary>
    public static (NodeStep Step, Lease? Lease, AssignOutcome Outcome) Assign(
        NodePresence presence, NodeStanding standing, ReplicaRequest request, ReplicaPace? pace, LeaseId id, Sha256 work, DateTimeOffset now, NodeOptions options)
    {
        var unchanged = new NodeStep(presence, standing, []);
        if (standing.Record is null || presence.Session is null)
        {
            return (unchanged, null, new() { Refused = "the node is not connected" });
        }

        if ((request.Shard.Job.IsCall ? NodeRules.FreeCalls(presence, standing) : NodeRules.FreeSlots(presence, standing)) == 0)
        {
            return (unchanged, null, new() { Refused = "the node has no free slot" });
        }

        if (request.Order.Work.ModelFile is { } model && PossessionRules.IsRefuted(presence, model.Sha256))
        {
            return (unchanged, null, new() { Refused = "the node has shown that it does not have the model's bytes", ForThisShard = true });
        }

        WorkKind? kind = request.Order.Work.Kind is WorkKind.Open or WorkKind.Audit ? request.Order.Work.Kind : null;
        if (presence.Leases.Values.Any(h => h.Lease.Shard == request.Shard && h.Lease.Kind == kind))
        {
            return (unchanged, null, new() { Refused = "the node has a replica of this shard already", ForThisShard = true });
        }

        // An input that runs into its limit is tried twice: one poison input must not cost the shard's others their lease.
        var latest = now + options.LeaseDuration + (TimeSpan.FromSeconds(request.Order.Work.Limits.SecondsPerInput) * 2);
        var lease = new Lease
        {
            Id = id,
            Request = request.Id,
            Shard = request.Shard,
            Node = standing.Record.Id,
            Work = work,
            IssuedAt = now,
            Deadline = request.Deadline < latest ? request.Deadline.Value : latest,
            Kind = kind,
        };
        var held = new HeldLease(lease, ReplicaState.Assigned, now)
        {
            // What is no replica takes another time, and says nothing of how fast replicas are.
            Work = kind is not null ? null : new HeldWork(request.Order.Work.Model, request.Order.Work.Manifest.Sha256, request.Order.Inputs.Count, pace) { ModelFile = request.Order.Work.ModelFile, Bytes = BytesOf(request.Order) },
            JobDeadline = request.Deadline,
        };
        var next = presence with { Leases = presence.Leases.Add(id, held) };
        return (new(next, standing, [NodeRules.Tell(lease, ReplicaState.Assigned, null) with { Pace = pace }]), lease, new() { Lease = id });
    }

    /// <summary>The node accepts a lease, declines it, or gives it back. What it does not hold changes nothing.</summary>
    public static NodeStep Change(NodePresence presence, NodeStanding standing, LeaseId id, ReplicaState state, string? reason, DateTimeOffset now)
    {
        if (!presence.Leases.TryGetValue(id, out var held) || !held.TakesSlot || held.State == state)
        {
            return new(presence, standing, []);
        }

        var tell = NodeRules.Tell(held.Lease, state, reason);
        if (state == ReplicaState.Accepted)
        {
            return new(presence with { Leases = presence.Leases.SetItem(id, held with { State = state, ChangedAt = now }) }, standing, [tell]);
        }

        return new(
            presence with { Leases = presence.Leases.Remove(id) },
            state == ReplicaState.Failed ? Count(standing, t => t with { Failed = t.Failed + 1 }) : standing,
            [tell, new NodeCommand.Offer()]);
    }

    /// <summary>A result came: the slot is free while the shard decides.</summary>
    public static NodeStep Return(NodePresence presence, NodeStanding standing, LeaseId id, DateTimeOffset now, NodeOptions options) =>
        presence.Leases.TryGetValue(id, out var held) && held.TakesSlot
            ? new(
                PossessionRules.Use(Measure(presence, held, now), held.Work?.ModelFile, now, options) with
                {
                    Leases = presence.Leases.SetItem(id, held with { State = ReplicaState.Returned, ChangedAt = now }),
                },
                Learn(standing, held, now, options),
                [new NodeCommand.Offer()])
            : new(presence, standing, []);

    /// <summary>The shard takes a lease back.</summary>
    public static NodeStep Cancel(NodePresence presence, NodeStanding standing, LeaseId id, string reason, DateTimeOffset now) =>
        presence.Leases.TryGetValue(id, out var held) && held.TakesSlot
            ? new(
                (IsSlow(held, now) ? Measure(presence, held, now) : presence) with { Leases = presence.Leases.Remove(id) },
                standing,
                [new NodeCommand.Push(new CancelMessage(id, reason)), new NodeCommand.Offer()])
            : new(presence, standing, []);

    /// <summary>The shard says what became of a result: the node is told now, or when it is back.</summary>
    public static NodeStep Judge(NodePresence presence, NodeStanding standing, VerdictMessage verdict, NodeOptions options)
    {
        var judged = verdict.Verdict switch
        {
            Verdict.Accepted => Count(standing, t => t with { Accepted = t.Accepted + 1 }),
            Verdict.Rejected => Count(standing, t => t with { Wrong = t.Wrong + 1 }),
            Verdict.Invalid => Count(standing, t => t with { Invalid = t.Invalid + 1 }),
            Verdict.TooLate => standing,
        };

        // A verdict told again, because its first telling was lost, is counted once: only while the lease is known, which it is not again.
        var known = presence.Leases.ContainsKey(verdict.Lease) || presence.Late.Contains(verdict.Lease);
        var next = known
            ? presence with
            {
                Leases = presence.Leases.Remove(verdict.Lease),
                Late = presence.Late.Remove(verdict.Lease),
                Judged = Remember(presence.Judged, verdict.Lease),
            }
            : presence;
        ImmutableList<NodeCommand> offer = presence.Leases.TryGetValue(verdict.Lease, out var held) && held.TakesSlot ? [new NodeCommand.Offer()] : [];
        if (presence.Session is null)
        {
            var untold = next.Untold.Add(verdict);
            next = next with { Untold = untold.Count > options.VerdictsKeptMax ? untold.RemoveAt(0) : untold };
            return new(next, known ? judged : standing, offer);
        }

        return new(next, known ? judged : standing, offer.Insert(0, new NodeCommand.Push(verdict)));
    }

    /// <summary>The node sent something unusable under a lease: if it holds it, it has lost it.</summary>
    public static NodeStep Refuse(NodePresence presence, NodeStanding standing, LeaseId id, string problem)
    {
        var counted = Count(standing, t => t with { Invalid = t.Invalid + 1 });
        return presence.Leases.TryGetValue(id, out var held) && held.TakesSlot
            ? new(
                presence with { Leases = presence.Leases.Remove(id) },
                counted,
                [NodeRules.Tell(held.Lease, ReplicaState.Failed, problem), new NodeCommand.Offer()])
            : new(presence, counted, []);
    }

    /// <summary>Ends leases that were not acknowledged in time or whose deadline has passed.</summary>
    public static NodeStep Age(NodePresence presence, NodeStanding standing, DateTimeOffset now, NodeOptions options)
    {
        var step = new NodeStep(presence, standing, []);
        foreach (var held in presence.Leases.Values.Where(h => EndsAt(h, options) <= now))
        {
            var silent = held.State == ReplicaState.Assigned && held.Lease.Deadline > now;
            var reason = silent ? $"the node did not acknowledge it within {options.AcceptTimeout}" : "its lease ended";
            step = step with
            {
                Presence = step.Presence with
                {
                    Leases = step.Presence.Leases.Remove(held.Lease.Id),
                    Late = Remember(step.Presence.Late, held.Lease.Id),
                },
            };
            if (held.TakesSlot)
            {
                step = new(
                    step.Presence,
                    Count(step.Standing, t => t with { Expired = t.Expired + 1 }),
                    step.Commands
                        .Add(new NodeCommand.Push(new CancelMessage(held.Lease.Id, reason)))
                        .Add(NodeRules.Tell(held.Lease, ReplicaState.Expired, reason))
                        .Add(new NodeCommand.Offer()));
            }
        }

        return step;
    }

    /// <summary>When <see cref="Age"/> next ends a lease; null when there is none.</summary>
    public static DateTimeOffset? WakeAt(NodePresence presence, NodeOptions options) =>
        presence.Leases.Values.Select(h => (DateTimeOffset?)EndsAt(h, options)).Min();

    private static DateTimeOffset EndsAt(HeldLease held, NodeOptions options)
    {
        var unacknowledged = held.ChangedAt + options.AcceptTimeout;
        return held.State == ReplicaState.Assigned && unacknowledged < held.Lease.Deadline ? unacknowledged : held.Lease.Deadline;
    }

    /// <summary>
    /// Adds how long the lease has been held to what the dispatcher learns from. A slow one that is taken back counts too: leaving out those that
    /// lost against their hedge would make the pace faster with every hedge.
    /// </summary>
    private static NodePresence Measure(NodePresence presence, HeldLease held, DateTimeOffset now)
    {
        if (held.Work is not { } work || now < held.Lease.IssuedAt)
        {
            return presence;
        }

        var finished = presence.Finished.Add(new FinishedReplica(work.Manifest, work.Inputs, now - held.Lease.IssuedAt));
        return presence with { Finished = finished.Count > FinishedMax ? finished.RemoveAt(0) : finished };
    }

    /// <summary>The node's own pace with the model.</summary>
    private static NodeStanding Learn(NodeStanding standing, HeldLease held, DateTimeOffset now, NodeOptions options)
    {
        if (held.Work is not { Inputs: > 0 } work || now < held.Lease.IssuedAt)
        {
            return standing;
        }

        var inputMs = (now - held.Lease.IssuedAt).TotalMilliseconds / work.Inputs;
        var known = standing.Paces.Find(pace => pace.Model == work.Model);
        var pace = known is null
            ? new NodePace(work.Model, inputMs, 1)
            : known with { InputMs = known.InputMs + (PaceWeight * (inputMs - known.InputMs)), Replicas = Math.Min(known.Replicas, int.MaxValue - 1) + 1 };
        var paces = (known is null ? standing.Paces : standing.Paces.Remove(known)).Insert(0, pace);
        return standing with { Paces = paces.Count > options.PacesKeptMax ? paces.GetRange(0, options.PacesKeptMax) : paces };
    }

    /// <summary>Adds a lease to a list of the newest.</summary>
    internal static ImmutableList<LeaseId> Remember(ImmutableList<LeaseId> leases, LeaseId lease) =>
        (leases.Count < JudgedMax ? leases : leases.RemoveAt(0)).Add(lease);

    // What sizes an order names was compared with its blobs; the sum is bounded nevertheless.
    private static long BytesOf(WorkOrder order) => order.Inputs.Select(i => i.Blob)
        .Concat(order.Work.Files.Select(f => f.Blob))
        .Append(order.Work.Manifest)
        .Append(order.Work.ModelFile ?? order.Work.Manifest)
        .Aggregate(0L, (sum, blob) => blob.Size > long.MaxValue - sum ? long.MaxValue : sum + blob.Size);

    private static bool IsSlow(HeldLease held, DateTimeOffset now) => held.Work?.Pace is { } pace && now - held.Lease.IssuedAt > pace.Slow;

    private static NodeStanding Count(NodeStanding standing, Func<NodeTally, NodeTally> change) => standing with { Tally = change(standing.Tally) };
}
