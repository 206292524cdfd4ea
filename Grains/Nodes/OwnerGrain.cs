using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using PiGrid.Grains.Storage;
using PiGrid.Grains.Verification.Trust;
using PiGrid.Verification;

namespace PiGrid.Grains.Nodes;

/// <summary>Keeps an owner's nodes and ban.</summary>
internal sealed class OwnerGrain(
    [PersistentState("owner", GridStorage.Name)] IPersistentState<OwnerRecord> record,
    IOptions<NodeOptions> options,
    IOptions<TrustOptions> trust,
    TimeProvider time) : Grain, IOwnerGrain
{
    public async Task<string?> Join(NodeId node, string name)
    {
        if (record.State.BannedReason is { } reason)
        {
            return $"The owner is banned: {reason}";
        }

        if (record.State.Nodes.Contains(node))
        {
            return null;
        }

        if (record.State.Nodes.Count >= options.Value.NodesPerOwnerMax)
        {
            return $"An owner has at most {options.Value.NodesPerOwnerMax} nodes (option Nodes:NodesPerOwnerMax).";
        }

        record.State = record.State with { Name = name, Nodes = record.State.Nodes.Append(node).ToArray() };
        await record.WriteOrStartOverAsync(this);
        return null;
    }

    public async Task<OwnerStatus> Ban(string? reason)
    {
        record.State = record.State with { BannedReason = reason, Trust = reason is null ? null : record.State.Trust };
        await record.WriteOrStartOverAsync(this);
        var incidents = GrainFactory.GetGrain<IIncidentsGrain>(IIncidentsGrain.Key);
        await (reason is null
            ? incidents.Close(IncidentKind.OwnerBanned, this.GetPrimaryKeyString())
            : incidents.Report(IncidentKind.OwnerBanned, this.GetPrimaryKeyString(), $"{record.State.Name}: {reason}"));
        foreach (var node in record.State.Nodes)
        {
            await GrainFactory.GetGrain<INodeGrain>(node.Value).OwnerBanned(reason);
        }

        return await GetStatus();
    }

    public async Task Refuted(NodeId node, string detail)
    {
        var now = time.GetUtcNow();
        var standing = StandingRules.Apply(record.State.Trust ?? Standing.New(now), TrustEvent.Wrong, now, trust.Value);
        record.State = record.State with { Trust = standing };
        if (standing.Tier == ReputationTier.Banned)
        {
            if (record.State.BannedReason is null)
            {
                await Ban($"results of its nodes were wrong again and again, the last by {node}: {detail}");
            }

            return;
        }

        await record.WriteOrStartOverAsync(this);
        foreach (var other in record.State.Nodes.Where(other => other != node))
        {
            await GrainFactory.GetGrain<INodeGrain>(other.Value).OwnerSuspended(standing.Until!.Value, $"a result of {node}, of the same owner, was wrong");
        }
    }

    public Task<OwnerStatus> GetStatus() => Task.FromResult(new OwnerStatus
    {
        Id = OwnerId.Parse(this.GetPrimaryKeyString()),
        Name = record.State.Name,
        Nodes = record.State.Nodes,
        BannedReason = record.State.BannedReason,
        Wrong = record.State.Trust is { } known ? StandingRules.At(known, time.GetUtcNow(), trust.Value).Wrong : 0,
        SuspendedUntil = record.State.Trust is { Tier: ReputationTier.Suspended, Until: { } until } && until > time.GetUtcNow() ? until : null,
    });
}

/// <summary>What is durable of an owner.</summary>
[GenerateSerializer, Alias("PiGrid.OwnerRecord")]
internal sealed record OwnerRecord
{
    /// <summary>The name for people.</summary>
    [Id(0)]
    public string Name { get; init; } = "";

    /// <summary>The owner's nodes.</summary>
    [Id(1)]
    public IReadOnlyList<NodeId> Nodes { get; init; } = [];

    /// <summary>Why the owner is banned; null when not.</summary>
    [Id(2)]
    public string? BannedReason { get; init; }

    /// <summary>What checks of its nodes' results say of it; null before a wrong one.</summary>
    [Id(3)]
    public Standing? Trust { get; init; }
}
