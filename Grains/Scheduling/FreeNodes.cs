using System.Diagnostics;

namespace PiGrid.Grains.Scheduling;

/// <summary>
/// Free nodes in order of preference, grouped by owner, so that finding the best one for a replica skips a barred owner in one step however
/// many nodes it has. A node's place depends on its numbers: it is taken out before they change and put back after.
/// </summary>
internal sealed class FreeNodes
{
    private readonly Dictionary<OwnerId, SortedSet<BoardNode>> _byOwner = [];

    /// <summary>The best node of each owner.</summary>
    private readonly SortedSet<BoardNode> _best = new(NodePreference.Order);

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _best.Count == 0;

    /// <summary>Puts a node in.</summary>
    public void Add(BoardNode node)
    {
        if (!_byOwner.TryGetValue(node.Owner, out var nodes))
        {
            nodes = new(NodePreference.Order);
            _byOwner.Add(node.Owner, nodes);
        }

        if (nodes.Min is { } before)
        {
            _best.Remove(before);
        }

        nodes.Add(node);
        _best.Add(nodes.Min!);
    }

    /// <summary>Takes a node out.</summary>
    public void Remove(BoardNode node)
    {
        var nodes = _byOwner[node.Owner];
        _best.Remove(nodes.Min!);
        var removed = nodes.Remove(node);
        Debug.Assert(removed, "A node changed while it was in its place.");
        if (nodes.Min is { } next)
        {
            _best.Add(next);
        }
        else
        {
            _byOwner.Remove(node.Owner);
        }
    }

    /// <summary>The best node that may run the replica; null when none may. Its steps are bounded by the owners and nodes that are barred.</summary>
    /// <param name="replica">The replica.</param>
    /// <param name="fits">Whether a node can run it at all; null when all of these can.</param>
    public BoardNode? BestFor(WaitingReplica replica, Func<BoardNode, bool>? fits = null)
    {
        BoardNode? found = null;
        foreach (var best in _best)
        {
            if (found is not null && NodePreference.Order.Compare(best, found) > 0)
            {
                break;
            }

            if (!replica.Bars(best.Owner))
            {
                var own = _byOwner[best.Owner].FirstOrDefault(node => !replica.Excludes(node) && fits?.Invoke(node) != false);
                found = own is not null && (found is null || NodePreference.Order.Compare(own, found) < 0) ? own : found;
            }
        }

        return found;
    }
}
