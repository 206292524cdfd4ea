using PiGrid.Protocol;

namespace PiGrid.NodeAgent.Work;

/// <summary>Whether an assignment is what it claims to be: given by this grid, to this node, for this very work, and still alive.</summary>
internal static class LeaseCheck
{
    /// <summary>
    /// How far this machine's clock may be ahead of the grid's. Home machines' clocks are often wrong, and a lease that looks over by less
    /// than this is worth trying: the silo alone decides what came too late.
    /// </summary>
    public static readonly TimeSpan ClockSkewMax = TimeSpan.FromMinutes(2);

    /// <summary>Why the assignment must not be worked on; null when it may.</summary>
    public static string? Refuse(Assignment assignment, VerifyingKey gridKey, NodeId node, DateTimeOffset now)
    {
        var lease = assignment.Lease.Lease;
        return Unsigned(assignment, gridKey) ?? OfOther(lease, node) ?? OfOtherWork(assignment) ?? Over(lease, now);
    }

    /// <summary>The part of <see cref="Refuse"/> that takes no time.</summary>
    public static string? RefuseAtSight(Assignment assignment, NodeId node, DateTimeOffset now) =>
        OfOther(assignment.Lease.Lease, node) ?? Over(assignment.Lease.Lease, now);

    /// <summary>The part of <see cref="Refuse"/> that takes time: whether the lease is genuine, and for this work.</summary>
    public static string? RefuseClosely(Assignment assignment, VerifyingKey gridKey) => Unsigned(assignment, gridKey) ?? OfOtherWork(assignment);

    /// <summary>Why a renewal changes nothing; null when it does: it is the grid's, of this very lease, and to a later deadline.</summary>
    public static string? RefuseRenewal(SignedLease renewed, Lease held, VerifyingKey gridKey)
    {
        if (!gridKey.Verify(CanonicalJson.Serialize(renewed.Lease), renewed.Signature))
        {
            return "it is not signed by the grid that this node enrolled with";
        }

        return renewed.Lease != held with { Deadline = renewed.Lease.Deadline } ? "it differs from the lease in more than the deadline"
            : renewed.Lease.Deadline <= held.Deadline ? "it ends no later"
            : null;
    }

    private static string? Unsigned(Assignment assignment, VerifyingKey gridKey) =>
        gridKey.Verify(CanonicalJson.Serialize(assignment.Lease.Lease), assignment.Lease.Signature)
            ? null
            : "bad_signature: the lease is not signed by the grid that this node enrolled with";

    private static string? OfOther(Lease lease, NodeId node) => lease.Node == node ? null : $"other_node: the lease is for {lease.Node}";

    private static string? OfOtherWork(Assignment assignment) =>
        CanonicalJson.Digest(assignment.Order) == assignment.Lease.Lease.Work ? null : "other_work: the work order is not the one that the lease names";

    private static string? Over(Lease lease, DateTimeOffset now) =>
        lease.Deadline <= lease.IssuedAt || lease.Deadline <= now - ClockSkewMax
            ? $"expired: the lease ended at {lease.Deadline:u}"
            : null;
}
