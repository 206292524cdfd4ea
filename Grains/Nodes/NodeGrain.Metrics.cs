using PiGrid.Grains.Telemetry;

namespace PiGrid.Grains.Nodes;

// What the node is counted as, from its first step in this activation to the end of it.
internal sealed partial class NodeGrain
{
    private NodeCount? _counted;
    private NodeStanding? _countedStanding;
    private int _countedLeases;

    private void CountAnew()
    {
        CloseSpansOfOthers();
        metrics.LeasesHeld(_presence.Leases.Count - _countedLeases);
        _countedLeases = _presence.Leases.Count;
        if (standing.State.Record is not { } record)
        {
            return;
        }

        // How far it is believed depends on the time as well, but hardly: it is looked at again with the next change.
        var tier = record.Operator ? "operator"
            : _counted is { } before && ReferenceEquals(_countedStanding, standing.State) ? before.Tier
            : NodeCount.WordFor(ReputationRules.Tier(standing.State, family: null, time.GetUtcNow(), trust.Value));
        _countedStanding = standing.State;
        var now = new NodeCount(NodeRules.StateOf(_presence, standing.State), tier);
        if (now != _counted)
        {
            metrics.NodeMoved(_counted, now);
            _counted = now;
        }
    }

    private void CountOut()
    {
        metrics.LeasesHeld(-_countedLeases);
        metrics.NodeMoved(_counted, null);
        (_counted, _countedLeases) = (null, 0);
        foreach (var span in _spans?.Values ?? Enumerable.Empty<System.Diagnostics.Activity>())
        {
            GridTrace.Close(span, "the node's grain stopped");
        }
    }
}
