using Orleans;
using PiGrid.Api;

namespace PiGrid.Silo.Api;

/// <summary><c>/api/nodes</c>: who is there, and the operator's hold on them.</summary>
internal sealed class NodeRoutes(IGrainFactory grains, Lists lists)
{
    private const int BodyBytesMax = 8 << 10;

    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes, ApiGate gate)
    {
        routes.MapGet("/api/nodes", gate.Any((context, _) =>
            lists.AnswerAsync(context, RegistryLists.Nodes, id => grains.GetGrain<INodeGrain>(id).GetStatus())));
        routes.MapGet("/api/nodes/{id}", gate.Any(GetAsync));
        routes.MapPost("/api/nodes/{id}/drain", gate.For(DrainAsync, KeyScope.Operate));
        routes.MapPost("/api/nodes/{id}/ban", gate.For(BanAsync, KeyScope.Operate));
        routes.MapPost("/api/nodes/{id}/unban", gate.For(UnbanAsync, KeyScope.Operate));
    }

    private async Task GetAsync(HttpContext context, CredentialInfo caller)
    {
        if (await RouteValues.IdAsync<NodeId>(context, "id") is { } id)
        {
            await AnswerAsync(context, id, await grains.GetGrain<INodeGrain>(id.Value).GetStatus());
        }
    }

    private async Task DrainAsync(HttpContext context, CredentialInfo caller)
    {
        if (await RouteValues.IdAsync<NodeId>(context, "id") is { } id
            && await JsonBody.ReadAsync<DrainRequest>(context, GridJson.Wire, BodyBytesMax) is { } request)
        {
            await AnswerAsync(context, id, await grains.GetGrain<INodeGrain>(id.Value).Drain(request.Drain));
        }
    }

    private async Task BanAsync(HttpContext context, CredentialInfo caller)
    {
        if (await RouteValues.IdAsync<NodeId>(context, "id") is { } id && await Reasons.ReadAsync(context) is { } reason)
        {
            await BanOwnerAsync(context, id, reason);
        }
    }

    private async Task UnbanAsync(HttpContext context, CredentialInfo caller)
    {
        if (await RouteValues.IdAsync<NodeId>(context, "id") is { } id)
        {
            await BanOwnerAsync(context, id, reason: null);
        }
    }

    // A ban is the owner's, so that another of their nodes does not go on.
    private async Task BanOwnerAsync(HttpContext context, NodeId id, string? reason)
    {
        var node = grains.GetGrain<INodeGrain>(id.Value);
        if (await node.GetRecord() is { } record)
        {
            await grains.GetGrain<IOwnerGrain>(record.Owner.Value).Ban(reason);
        }

        await AnswerAsync(context, id, await node.GetStatus());
    }

    private static Task AnswerAsync(HttpContext context, NodeId id, NodeStatus? status) => status is null
        ? Answers.NotFoundAsync(context, $"node {id}")
        : Answers.JsonAsync(context, 200, status);
}
