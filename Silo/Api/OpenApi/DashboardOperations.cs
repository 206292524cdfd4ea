using PiGrid.Api;
using PiGrid.Silo.Dashboard;

namespace PiGrid.Silo.Api.OpenApi;

/// <summary>The operations behind the dashboard.</summary>
internal static class DashboardOperations
{
    /// <summary>All of them.</summary>
    public static IEnumerable<Operation> All() =>
    [
        new Operation("GET", "/api/overview", "The grid at a glance.").Gives<GridOverview>(),
        new Operation("GET", "/api/overview/events", "The same again and again, as server-sent events; each one's data is a GridOverview.").Gives(200, "text/event-stream"),
        new Operation("GET", "/api/overview/nodes", "The nodes as lines, newest first.").Paged().Gives<Page<NodeGlance>>(),
        new Operation("GET", "/api/incidents", "What went wrong, what still does first.").Paged().Gives<Page<Incident>>(),
        new Operation("GET", "/api/jobs/{id}/shards", "A stretch of a job's shards as lines.").For(KeyScope.Submit)
            .Asks("from", "The index of the first shard.").Asks("limit", "The most shards.").Gives<ShardPage>().Or(400, 404),
        new Operation("GET", "/api/jobs/{id}/shards/{shard}", "A shard with its replicas, inputs and outputs, without the bytes of tensors.").For(KeyScope.Submit).Gives<ShardDetail>().Or(400, 404),
    ];
}
