using System.Collections.Immutable;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.Grains.Nodes;

/// <summary>
/// How a node comes and goes: sessions, heartbeats, drain and ban. The newest session wins; a node that is silent for too long is disconnected,
/// while its leases stay valid to their deadlines. Leases are <see cref="LeaseRules"/>' part.
/// </summary>
internal static class NodeRules
{
    /// <summary>A proven connection. <paramref name="reported"/> are leases with a valid signature that the node still works on or has results for.</summary>
    public static (NodeStep Step, IReadOnlyList<LeaseId> Stop) Connect(
        NodePresence presence, NodeStanding standing, NodeConnection connection, IReadOnlyList<Lease> reported, DateTimeOffset now, NodeOptions options)
    {
        var commands = ImmutableList.CreateBuilder<NodeCommand>();
        if (presence.Session is not null)
        {
            commands.Add(new NodeCommand.Close("a newer session of the node took its place"));
        }

        var leases = presence.Leases.ToBuilder();
        foreach (var held in presence.Leases.Values.Where(h => h.TakesSlot && reported.All(r => r.Id != h.Lease.Id)))
        {
            leases.Remove(held.Lease.Id);
            commands.Add(Tell(held.Lease, ReplicaState.Failed, "the node came back without it"));
        }

        var stop = new List<LeaseId>();
        var late = presence.Late;
        foreach (var lease in reported)
        {
            var known = presence.Leases.GetValueOrDefault(lease.Id);

            // A renewal may have been lost with the connection.
            var newest = known?.Lease.Deadline > lease.Deadline ? known.Lease : lease;
            if (newest.Deadline <= now)
            {
                // Its result may still be of use: it is told only that nobody waits for the work.
                stop.Add(lease.Id);
                late = known is not null || late.Contains(lease.Id) || presence.Judged.Contains(lease.Id) ? late : LeaseRules.Remember(late, lease.Id);
                continue;
            }

            if (known?.State == ReplicaState.Returned || presence.Judged.Contains(lease.Id))
            {
                // It is reported because its verdict is still to come, or was lost with the connection: its result comes again, and is answered again.
                continue;
            }

            leases[lease.Id] = (known ?? new HeldLease(newest, ReplicaState.Accepted, now)) with { Lease = newest, State = ReplicaState.Accepted, ChangedAt = now };
            commands.Add(Tell(newest, ReplicaState.Accepted, null));
            if (newest != lease)
            {
                commands.Add(new NodeCommand.Renew(newest));
            }
        }

        foreach (var verdict in presence.Untold)
        {
            commands.Add(new NodeCommand.Push(verdict));
        }

        var next = Hear(presence with { Leases = leases.ToImmutable(), Late = late, Untold = [] }, connection.Heartbeat, connection.Profile, now, options) with
        {
            Session = connection.Session,
            Rhythm = HeartbeatRhythm.Unknown,

            // An answer that was on its way is lost with its session.
            Possessions = PossessionRules.AskAgain(presence),
            IsSuspected = false,
        };
        commands.Add(new NodeCommand.Offer());
        return (new(next, standing, commands.ToImmutable()), stop);
    }

    /// <summary>The session is over. An event of an older session changes nothing.</summary>
    public static NodeStep Disconnect(NodePresence presence, NodeStanding standing, Guid session, string reason, DateTimeOffset now)
    {
        if (presence.Session != session)
        {
            return new(presence, standing, []);
        }

        var commands = ImmutableList.CreateBuilder<NodeCommand>();
        var leases = presence.Leases.ToBuilder();
        foreach (var held in presence.Leases.Values.Where(h => h.TakesSlot))
        {
            leases[held.Lease.Id] = held with { State = ReplicaState.Disconnected, ChangedAt = now };
            commands.Add(Tell(held.Lease, ReplicaState.Disconnected, reason));
        }

        commands.Add(new NodeCommand.Offer());
        return new(presence with { Session = null, IsSuspected = false, Leases = leases.ToImmutable() }, standing, commands.ToImmutable());
    }

    /// <summary>A heartbeat. The dispatcher hears of it only when it changes what the node offers.</summary>
    public static NodeStep Heartbeat(
        NodePresence presence, NodeStanding standing, Guid session, NodeHeartbeat heartbeat, DateTimeOffset now, NodeOptions options)
    {
        if (presence.Session != session)
        {
            return new(presence, standing, []);
        }

        var trusted = Trust(presence, now);
        var next = Hear(trusted.Presence, heartbeat, presence.Profile!, now, options) with { Rhythm = presence.Rhythm.Beat(presence.SeenAt, now) };
        var renewed = RenewalRules.Renew(next, standing, heartbeat.Leases ?? [], now, options);
        var commands = trusted.Commands.AddRange(renewed.Commands);
        var changed = FreeSlots(next, standing) != FreeSlots(presence, standing) || FreeCalls(next, standing) != FreeCalls(presence, standing) || next.CachedModels != presence.CachedModels;
        commands = changed ? commands.Add(new NodeCommand.Offer()) : commands;
        return renewed with
        {
            Commands = PossessionRules.Due(renewed.Presence, now, options) is { } model ? commands.Add(new NodeCommand.Challenge(model)) : commands,
        };
    }

    /// <summary>
    /// The node was last heard <paramref name="silence"/> ago by a clock that nobody sets. Where the machine's clock says that it was longer, it was set
    /// forward, or the machine slept: no node has been silent because of that.
    /// </summary>
    public static NodePresence HeedClock(NodePresence presence, TimeSpan silence, DateTimeOffset now) =>
        presence.SeenAt < now - silence ? presence with { SeenAt = now - silence } : presence;

    /// <summary>The node has been silent for longer than it usually is: it gets nothing new, and its shards ask for another replica at once.</summary>
    public static NodeStep Suspect(NodePresence presence, NodeStanding standing, DateTimeOffset now)
    {
        if (presence.Session is null || presence.IsSuspected)
        {
            return new(presence, standing, []);
        }

        var commands = ImmutableList.CreateBuilder<NodeCommand>();
        var leases = presence.Leases.ToBuilder();
        foreach (var held in presence.Leases.Values.Where(h => h.State is ReplicaState.Assigned or ReplicaState.Accepted))
        {
            leases[held.Lease.Id] = held with { State = ReplicaState.Suspected };
            commands.Add(Tell(held.Lease, ReplicaState.Suspected, "the node is silent"));
        }

        commands.Add(new NodeCommand.Offer());
        return new(presence with { IsSuspected = true, Leases = leases.ToImmutable() }, standing, commands.ToImmutable());
    }

    /// <summary>A suspected node is heard again.</summary>
    private static (NodePresence Presence, ImmutableList<NodeCommand> Commands) Trust(NodePresence presence, DateTimeOffset now)
    {
        if (!presence.IsSuspected)
        {
            return (presence, []);
        }

        var commands = ImmutableList.CreateBuilder<NodeCommand>();
        var leases = presence.Leases.ToBuilder();
        foreach (var held in presence.Leases.Values.Where(h => h.State == ReplicaState.Suspected))
        {
            leases[held.Lease.Id] = held with { State = ReplicaState.Accepted, ChangedAt = now };
            commands.Add(Tell(held.Lease, ReplicaState.Accepted, null));
        }

        return (presence with { IsSuspected = false, Leases = leases.ToImmutable() }, commands.ToImmutable());
    }

    /// <summary>The operator lets the node finish what it holds and take nothing new, or take work again.</summary>
    public static NodeStep Drain(NodePresence presence, NodeStanding standing, bool drain, NodeOptions options)
    {
        if (standing.Draining == drain)
        {
            return new(presence, standing, []);
        }

        return new(
            presence,
            standing with { Draining = drain },
            [new NodeCommand.Save(), new NodeCommand.Push(new ConfigMessage((int)options.Heartbeat.TotalMilliseconds, drain)), new NodeCommand.Offer()]);
    }

    /// <summary>The node's owner is banned (then all it holds is taken back) or no longer.</summary>
    public static NodeStep Ban(NodePresence presence, NodeStanding standing, string? reason)
    {
        var banned = (reason is null ? ReputationRules.Forgive(standing) : standing) with { BannedReason = reason };
        if (reason is null)
        {
            return new(presence, banned, [new NodeCommand.Save(), new NodeCommand.Offer()]);
        }

        var commands = ImmutableList.CreateBuilder<NodeCommand>();
        commands.Add(new NodeCommand.Save());
        commands.AddRange(presence.Leases.Values.Where(h => h.TakesSlot)
            .Select(h => Tell(h.Lease, ReplicaState.Cancelled, "its owner is banned")));
        if (presence.Session is not null)
        {
            commands.Add(new NodeCommand.Close($"the node's owner is banned: {reason}"));
        }

        commands.Add(new NodeCommand.Offer());
        return new(
            presence with { Session = null, Leases = ImmutableDictionary<LeaseId, HeldLease>.Empty },
            banned,
            commands.ToImmutable());
    }

    /// <summary>
    /// What is thought of the node has changed. One that is not believed any more gets nothing new, and what it holds is taken back: what it would
    /// return is not worth waiting for.
    /// </summary>
    public static NodeStep Believe(NodePresence presence, NodeStanding standing)
    {
        if (standing.SuspendedUntil is null)
        {
            return new(presence, standing, []);
        }

        var commands = ImmutableList.CreateBuilder<NodeCommand>();
        commands.Add(new NodeCommand.Save());
        foreach (var held in presence.Leases.Values.Where(h => h.TakesSlot))
        {
            commands.Add(new NodeCommand.Push(new CancelMessage(held.Lease.Id, "the node is suspended")));
            commands.Add(Tell(held.Lease, ReplicaState.Cancelled, "its node is suspended"));
        }

        commands.Add(new NodeCommand.Offer());
        return new(presence with { Leases = presence.Leases.RemoveRange(presence.Leases.Values.Where(h => h.TakesSlot).Select(h => h.Lease.Id)) }, standing, commands.ToImmutable());
    }

    /// <summary>The dispatchers place by the node's tier: they hear of it when it is another than they were told, be it by checks, failures or time.</summary>
    public static NodeStep TellTier(NodeStep step, ReputationTier? tier) =>
        step.Presence.Session is null || step.Presence.TierTold == tier || step.Commands.Exists(command => command is NodeCommand.Offer)
            ? step
            : step with { Commands = step.Commands.Add(new NodeCommand.Offer()) };

    /// <summary>When the node counts as suspect; null without a session, or when it does already.</summary>
    public static DateTimeOffset? SuspectAt(NodePresence presence, NodeOptions options) =>
        presence.Session is null || presence.IsSuspected ? null : presence.SeenAt + SilenceRules.SuspectAfter(presence.Rhythm, options);

    /// <summary>When the node counts as lost; null without a session.</summary>
    public static DateTimeOffset? LostAt(NodePresence presence, NodeOptions options) =>
        presence.Session is null ? null : presence.SeenAt + SilenceRules.LostAfter(presence.Rhythm, options);

    /// <summary>Replicas that the node can take now.</summary>
    public static int FreeSlots(NodePresence presence, NodeStanding standing) =>
        TakesWork(presence, standing) ? Math.Max(0, presence.Capacity - presence.Leases.Values.Count(h => h.TakesSlot)) : 0;

    /// <summary>
    /// Replicas of online calls that the node can take now. Some more than it runs at once, so that the next input is there when a slot becomes free; but none where
    /// other work has all the slots, which may be for minutes.
    /// </summary>
    public static int FreeCalls(NodePresence presence, NodeStanding standing)
    {
        var held = presence.Leases.Values.Where(h => h.TakesSlot).ToArray();
        return TakesWork(presence, standing) && held.Count(h => !h.Lease.Shard.Job.IsCall) < presence.Capacity
            ? Math.Max(0, presence.Capacity + (presence.Profile?.CallsAhead ?? 0) - held.Length)
            : 0;
    }

    private static bool TakesWork(NodePresence presence, NodeStanding standing) =>
        presence.Session is not null && !presence.IsSuspected && !standing.Draining && standing.BannedReason is null && standing.SuspendedUntil is null;

    /// <summary>What the dispatcher is told.</summary>
    public static NodeOffer? ToOffer(NodePresence presence, NodeStanding standing) => presence.Profile is not { } profile ? null : new NodeOffer
    {
        Node = standing.Record!.Id,
        Owner = standing.Record.Owner,
        FreeSlots = FreeSlots(presence, standing),
        FreeCalls = FreeCalls(presence, standing),
        Profile = profile,
        Operator = standing.Record.Operator,
        CachedModels = presence.CachedModels,
        Sequence = presence.Offers,
        Finished = presence.Finished,
        State = StateOf(presence, standing),
        Tier = presence.TierTold,
        Available = presence is { Session: not null, Heartbeat.PausedReason: null } && !standing.Draining && standing.BannedReason is null && standing.SuspendedUntil is null,
    };

    /// <summary>What operators see.</summary>
    public static NodeStatus ToStatus(NodePresence presence, NodeStanding standing) => new()
    {
        Id = standing.Record!.Id,
        Owner = standing.Record.Owner,
        OwnerName = standing.Record.OwnerName,
        Operator = standing.Record.Operator,
        State = StateOf(presence, standing),
        Reason = standing.BannedReason ?? Suspension(standing) ?? (standing.Draining ? "drained by the operator" : presence.Heartbeat?.PausedReason),
        EnrolledAt = standing.Record.EnrolledAt,
        SeenAt = presence.SeenAt,
        Profile = presence.Profile,
        Heartbeat = presence.Heartbeat,
        Leases = presence.Leases.Keys.ToArray(),
        Work = presence.Leases.Values.OrderBy(held => held.Lease.IssuedAt).Select(ToLease).ToArray(),
        Tally = standing.Tally,
        Paces = standing.Paces,
        ModelProofs = presence.Possessions.Values.Select(p => new ModelProof(p.Model.Sha256, p.State, p.At)).ToArray(),
    };

    /// <summary>Its state.</summary>
    public static NodeState StateOf(NodePresence presence, NodeStanding standing) =>
        standing.BannedReason is not null ? NodeState.Banned
        : standing.SuspendedUntil is not null ? NodeState.Suspended
        : presence.Session is null ? NodeState.Offline
        : standing.Draining ? NodeState.Draining
        : presence.Heartbeat?.PausedReason is not null ? NodeState.Paused
        : NodeState.Online;

    private static NodeLease ToLease(HeldLease held) => new()
    {
        Lease = held.Lease.Id,
        Shard = held.Lease.Shard,
        State = held.State,
        Since = held.ChangedAt,
        Deadline = held.Lease.Deadline,
        Model = held.Work?.Model,
        Done = held.Done,
        Inputs = held.Work?.Inputs,
    };

    private static string? Suspension(NodeStanding standing) =>
        standing.SuspendedUntil is { } until ? $"suspended until {until:u}: {standing.SuspendedReason}{(standing.LastWrong is { } wrong ? $" ({wrong})" : "")}" : null;

    /// <summary>The command that tells a shard about a lease.</summary>
    internal static NodeCommand.Tell Tell(Lease lease, ReplicaState state, string? reason) =>
        new(lease.Shard, lease.Request, lease.Id, state, lease.Deadline, reason) { Kind = lease.Kind };

    private static NodePresence Hear(NodePresence presence, NodeHeartbeat heartbeat, NodeProfile profile, DateTimeOffset now, NodeOptions options) => presence with
    {
        Profile = profile.CallsAhead <= options.CallsAheadMax ? profile : profile with { CallsAhead = options.CallsAheadMax },
        Heartbeat = heartbeat,
        SeenAt = now,
        CachedModels = heartbeat.CachedModels ?? presence.CachedModels,

        // What it holds came out of the free slots that it reports; so a lease that ends makes room before the next heartbeat says so.
        Capacity = heartbeat.PausedReason is not null ? 0 : Math.Clamp(
            heartbeat.FreeSlots + presence.Leases.Values.Count(h => h.TakesSlot), 0, Math.Min(profile.Slots, options.SlotsMax)),
    };
}
