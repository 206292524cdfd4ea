using Orleans;
using PiGrid.Api;
using PiGrid.Grains.Scheduling;
using PiGrid.Grains.Security;
using PiGrid.Silo.Gateway;
using PiGrid.Silo.Hosting;
using PiGrid.Silo.Startup;

namespace PiGrid.Silo.Api;

/// <summary>The grid as a whole: <c>/api/grid</c>, and the health routes, which need no key.</summary>
internal sealed class GridRoutes(IGrainFactory grains, Lists lists, SessionTable sessions, IGridSigner signer, Readiness readiness)
{
    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes, ApiGate gate)
    {
        routes.MapGet("/api/grid", gate.Any(GetAsync));
        RequestDelegate live = static context => Answers.JsonAsync(context, 200, new { Status = "live" });
        routes.MapGet("/health/live", live);
        RequestDelegate ready = context => readiness.Waits is { } reason
            ? Answers.JsonAsync(context, 503, new { Status = "not_ready", Reason = reason })
            : Answers.JsonAsync(context, 200, new { Status = "ready" });
        routes.MapGet("/health/ready", ready);
    }

    private async Task GetAsync(HttpContext context, CredentialInfo caller)
    {
        var backlogs = await Task.WhenAll(DispatcherPartitions.All.Select(key => grains.GetGrain<IDispatcherGrain>(key).GetBacklog()));
        await Answers.JsonAsync(context, 200, new GridInfo
        {
            Version = SiloHost.Version,
            Engine = SiloHost.Engine,
            GridKey = signer.PublicKey,
            NodesOnline = sessions.Count,
            Nodes = (await lists.EntriesAsync(RegistryLists.Nodes)).Count(),
            Backlog = new DispatcherBacklog
            {
                Waiting = backlogs.Sum(b => b.Waiting),
                FreeNodes = backlogs.Sum(b => b.FreeNodes),
                Reason = backlogs.Select(b => b.Reason).FirstOrDefault(r => r is not null),
            },
        });
    }
}
