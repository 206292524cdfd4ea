namespace PiGrid.Grains.Nodes;

// When the node was there, by hour of the week.
internal sealed partial class NodeGrain
{
    private double Stays(TimeSpan ahead) => AvailabilityRules.Stays(history.State, time.GetUtcNow(), ahead);

    /// <summary>Counts the time since the last look.</summary>
    private void Look(bool wasConnected)
    {
        history.State = AvailabilityRules.Look(history.State, wasConnected, start.At, time.GetUtcNow());
        _isHistoryUnsaved = true;
        _saveAt ??= time.GetUtcNow() + SaveAfter;
    }

    private NodeReputation? Reputation() => ReputationRules.ToReputation(standing.State, time.GetUtcNow(), trust.Value);

    /// <summary>Writes the history when it has changed, or the node's tier has.</summary>
    private async Task SaveHistory()
    {
        var reputation = Reputation();
        if (_isHistoryUnsaved || ReputationDayRules.IsNews(history.State.Days, reputation))
        {
            history.State = history.State with { Days = ReputationDayRules.Note(history.State.Days, reputation, time.GetUtcNow()) };
            await history.WriteStateAsync();
            _isHistoryUnsaved = false;
        }
    }

    /// <summary>The session ends: the time until now counts as connected.</summary>
    private void LookAway(bool dropped)
    {
        Look(wasConnected: true);
        history.State = dropped ? AvailabilityRules.Drop(history.State, time.GetUtcNow()) : history.State;
    }
}
