using System.Collections.Immutable;
using PiGrid.Protocol;

namespace PiGrid.Grains.Nodes;

/// <summary>
/// When a lease lasts longer than it was given for. A slow node may take many times as long as a fast one, so no fixed time is right for both: a lease
/// is short, and renewed for as long as its node is heard of and its work gets on. What a node says of its progress is not proven, so the whole
/// time is bounded, too. A lease is renewed well before its end, and rarely: in the second half of its time.
/// </summary>
internal static class RenewalRules
{
    /// <summary>Notes how far the leases are that a heartbeat names, and renews those that need it.</summary>
    public static NodeStep Renew(
        NodePresence presence, NodeStanding standing, IReadOnlyList<LeaseProgress> progress, DateTimeOffset now, NodeOptions options)
    {
        var leases = presence.Leases.ToBuilder();
        var commands = ImmutableList.CreateBuilder<NodeCommand>();
        foreach (var (id, done, fetched) in progress)
        {
            if (!leases.TryGetValue(id, out var held) || held.State != ReplicaState.Accepted)
            {
                continue;
            }

            var noted = Note(held, done, fetched, now);
            if (RenewedDeadline(noted, now, options) is { } deadline)
            {
                noted = noted with { Lease = noted.Lease with { Deadline = deadline } };
                commands.Add(new NodeCommand.Renew(noted.Lease));
                commands.Add(NodeRules.Tell(noted.Lease, ReplicaState.Accepted, null));
            }

            leases[id] = noted;
        }

        return new(presence with { Leases = leases.ToImmutable() }, standing, commands.ToImmutable());
    }

    /// <summary>The latest deadline that a lease can be renewed to.</summary>
    public static DateTimeOffset Latest(Lease lease, DateTimeOffset? jobDeadline, NodeOptions options)
    {
        var total = lease.IssuedAt + options.LeaseTotalMax;
        var latest = jobDeadline < total ? jobDeadline.Value : total;
        return latest > lease.Deadline ? latest : lease.Deadline;
    }

    // Blobs on their way are progress, too: a large model takes a slow line longer than any input takes the node. No more of them than there are, so
    // that a claim of bytes alone does not keep a lease.
    private static HeldLease Note(HeldLease held, int done, long fetched, DateTimeOffset now)
    {
        var counted = Math.Min(fetched, held.Work?.Bytes ?? long.MaxValue);
        return done > held.Done || counted > held.Fetched
            ? held with { Done = Math.Max(done, held.Done), Fetched = Math.Max(counted, held.Fetched), GrownAt = now }
            : held;
    }

    private static DateTimeOffset? RenewedDeadline(HeldLease held, DateTimeOffset now, NodeOptions options)
    {
        var left = held.Lease.Deadline - now;
        var early = Max(options.LeaseDuration / 2, options.Heartbeat * 2);
        if (left <= TimeSpan.Zero || left > early || now - held.GrownAt > options.LeaseStallMax)
        {
            return null;
        }

        var (wanted, latest) = (now + options.LeaseDuration, Latest(held.Lease, held.JobDeadline, options));
        var deadline = wanted < latest ? wanted : latest;
        return deadline > held.Lease.Deadline ? deadline : null;
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
