namespace PiGrid.Grains.Nodes;

// What follows from a node's silence, measured as time that went by and not as what the clock says.
internal sealed partial class NodeGrain
{
    private long _heardStamp;

    /// <summary>Suspects or gives up a node that has been silent for too long.</summary>
    private async Task HeedSilence(DateTimeOffset now)
    {
        HeedClock(now);
        if (NodeRules.SuspectAt(_presence, options.Value) <= now)
        {
            LogSuspected(_id, _presence.SeenAt);
            await Apply(NodeRules.Suspect(_presence, standing.State, now));
        }

        if (NodeRules.LostAt(_presence, options.Value) <= now && _presence.Session is { } session)
        {
            LogSilent(_id, _presence.SeenAt);
            if (_gateway is { } gateway)
            {
                _gateway = null;
                await TryClose(gateway, "no heartbeat came");
            }

            LookAway(dropped: true);
            await Apply(NodeRules.Disconnect(_presence, standing.State, session, "no heartbeat came", now));
        }
    }

    private void HeedClock(DateTimeOffset now)
    {
        if (_presence.Session is not null)
        {
            _presence = NodeRules.HeedClock(_presence, time.GetElapsedTime(_heardStamp), now);
        }
    }
}
