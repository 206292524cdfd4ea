using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using PiGrid.Grains.Storage;

namespace PiGrid.Grains.Nodes;

/// <summary>Keeps an owner's nodes and ban.</summary>
internal sealed class OwnerGrain(
    [PersistentState("owner", GridStorage.Name)] IPersistentState<OwnerRecord> record,
    IOptions<NodeOptions> options) : Grain, IOwnerGrain
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
        record.State = record.State with { BannedReason = reason };
        await record.WriteOrStartOverAsync(this);
        foreach (var node in record.State.Nodes)
        {
            await GrainFactory.GetGrain<INodeGrain>(node.Value).OwnerBanned(reason);
        }

        return await GetStatus();
    }

    public Task<OwnerStatus> GetStatus() => Task.FromResult(new OwnerStatus
    {
        Id = OwnerId.Parse(this.GetPrimaryKeyString()),
        Name = record.State.Name,
        Nodes = record.State.Nodes,
        BannedReason = record.State.BannedReason,
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
}
