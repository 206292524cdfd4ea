using System.Text.Json;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using PiGrid.Api;
using PiGrid.Silo.Api;

namespace PiGrid.Silo.Dashboard;

/// <summary>The grid at a glance, once or as a stream; nodes as lines; incidents.</summary>
internal sealed class OverviewRoutes(
    IGrainFactory grains, Lists lists, OverviewSource overview, IncidentSource incidents, IOptions<DashboardOptions> options, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes, ApiGate gate)
    {
        routes.MapGet("/api/overview", gate.Any(async (context, _) => await Answers.JsonAsync(context, 200, await overview.GetAsync(context.RequestAborted))));
        routes.MapGet("/api/overview/events", gate.Any(StreamAsync));
        routes.MapGet("/api/overview/nodes", gate.Any(NodesAsync));
        routes.MapGet("/api/incidents", gate.Any(IncidentsAsync));
    }

    private async Task NodesAsync(HttpContext context, CredentialInfo caller)
    {
        var (page, next) = lists.Cut(context, await overview.NodesAsync(), entry => entry.Id);
        var glances = await Task.WhenAll(page.Select(async entry => NodeGlance.Of(await grains.GetGrain<INodeGrain>(entry.Id).GetStatus())));
        await Answers.JsonAsync(context, 200, new Page<NodeGlance>(glances.OfType<NodeGlance>().ToArray(), next));
    }

    private async Task IncidentsAsync(HttpContext context, CredentialInfo caller)
    {
        var (page, next) = lists.Cut(context, await incidents.ListAsync(), incident => $"{incident.Kind}-{incident.Subject}-{incident.OpenedAt.UtcTicks}");
        await Answers.JsonAsync(context, 200, new Page<Incident>(page, next));
    }

    private async Task StreamAsync(HttpContext context, CredentialInfo caller)
    {
        using var late = new CancellationTokenSource(options.Value.StreamLifetime, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(late.Token, context.RequestAborted, lifetime.ApplicationStopping);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        try
        {
            using var period = new PeriodicTimer(options.Value.SamplePeriod, time);
            do
            {
                var json = JsonSerializer.Serialize(await overview.GetAsync(over.Token), GridJson.Wire);
                await context.Response.WriteAsync($"data: {json}\n\n", over.Token);
                await context.Response.Body.FlushAsync(over.Token);
            }
            while (await period.WaitForNextTickAsync(over.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException or OrleansException)
        {
            // The stream ends; who watches opens another, which checks the key again.
        }
    }
}
