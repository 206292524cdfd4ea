using PiGrid.Verification;

namespace PiGrid.Grains.Nodes;

// What checks of the node's results say of it, and what follows.
internal sealed partial class NodeGrain
{
    public async Task Evidence(CheckEvidence evidence)
    {
        var now = time.GetUtcNow();
        var before = standing.State;
        if (ReputationRules.Hear(before, evidence, now, trust.Value) is not { } heard)
        {
            return;
        }

        LogEvidence(_id, evidence.Lease, evidence.Shard, evidence.Wrong, evidence.Detail);
        metrics.Checked(evidence.Wrong);
        var passed = ReputationRules.Passed(before, evidence.Model.Name, now, trust.Value);
        await Apply(NodeRules.Believe(_presence, heard));
        var owner = before.Record!.Owner;
        await GrainFactory.GetGrain<ITrustGrain>(ITrustGrain.Key).Record(owner, passed, evidence.Wrong, isFirst: before.Trust is null);
        if (evidence.Wrong)
        {
            await GrainFactory.GetGrain<IOwnerGrain>(owner.Value).Refuted(_id, heard.LastWrong!);
        }
    }

    public Task OwnerSuspended(DateTimeOffset until, string reason) =>
        Apply(NodeRules.Believe(_presence, ReputationRules.Suspend(standing.State, until, reason)));

    private IIncidentsGrain Incidents => GrainFactory.GetGrain<IIncidentsGrain>(IIncidentsGrain.Key);

    private Task TellIncident(NodeStanding before, NodeStanding next) =>
        next.SuspendedUntil is not null && before.SuspendedUntil is null
            ? Incidents.Report(IncidentKind.NodeSuspended, _id.Value, $"{next.SuspendedReason}{(next.LastWrong is { } wrong ? $" ({wrong})" : "")}")
        : next.SuspendedUntil is null && before.SuspendedUntil is not null ? Incidents.Close(IncidentKind.NodeSuspended, _id.Value)
        : Task.CompletedTask;

    // With a lease from before a restart the model is not known here: then nothing is known of the node either.
    private ReplicaSender Sender(ModelRef? model, DateTimeOffset now)
    {
        var record = standing.State.Record!;
        return new ReplicaSender
        {
            Owner = record.Owner,
            Operator = record.Operator,
            Tier = ReputationRules.Tier(standing.State, model?.Name, now, trust.Value),
            Passed = model is { } known ? ReputationRules.Passed(standing.State, known.Name, now, trust.Value) : 0,
            Region = _presence.Profile?.Region ?? "unknown",
        };
    }
}
