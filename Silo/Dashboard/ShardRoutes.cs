using System.Globalization;
using Microsoft.Extensions.Options;
using Orleans;
using PiGrid.Silo.Api;
using PiGrid.Verification;

namespace PiGrid.Silo.Dashboard;

/// <summary>A job's shards: a stretch of them as lines, or one with its replicas, inputs and outputs.</summary>
internal sealed class ShardRoutes(IGrainFactory grains, IOptions<DashboardOptions> options)
{
    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes, ApiGate gate)
    {
        routes.MapGet("/api/jobs/{id}/shards", gate.For(ListAsync, KeyScope.Submit));
        routes.MapGet("/api/jobs/{id}/shards/{shard}", gate.For(GetAsync, KeyScope.Submit));
    }

    private async Task ListAsync(HttpContext context, CredentialInfo caller)
    {
        if (await RouteValues.IdAsync<JobId>(context, "id") is not { } job)
        {
            return;
        }

        var from = (int)RouteValues.Number(context, "from", 0, 0, int.MaxValue);
        var limit = (int)RouteValues.Number(context, "limit", Math.Min(100, options.Value.ShardsPageMax), 1, options.Value.ShardsPageMax);
        if (await grains.GetGrain<IJobGrain>(job.Value).GetShards(from, limit) is not { } known)
        {
            await Answers.NotFoundAsync(context, $"job {job}");
            return;
        }

        var views = await Task.WhenAll(known.Reached.Select(index => grains.GetGrain<IShardGrain>(new ShardId(job, index).Value).GetView()));
        var reached = views.ToDictionary(view => view.Index);
        var indexes = Enumerable.Range(Math.Min(from, known.Shards), Math.Min(limit, Math.Max(0, known.Shards - from)));
        await Answers.JsonAsync(context, 200, new ShardPage
        {
            Total = known.Shards,
            ShardSize = known.ShardSize,
            From = from,
            Shards = indexes.Select(index => reached.TryGetValue(index, out var view) ? ShardGlance.Of(view) : ShardGlance.Unreached(index, known.Running)).ToArray(),
        });
    }

    private async Task GetAsync(HttpContext context, CredentialInfo caller)
    {
        if (await RouteValues.IdAsync<JobId>(context, "id") is not { } job)
        {
            return;
        }

        var text = context.Request.RouteValues["shard"] as string;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            await Answers.ErrorAsync(context, 400, "invalid", $"'{text}' in the path is not a shard's index.");
            return;
        }

        var jobGrain = grains.GetGrain<IJobGrain>(job.Value);
        if (await jobGrain.GetInputs(index) is not { } inputs || await jobGrain.GetShards(index, 1) is not { } known)
        {
            await Answers.NotFoundAsync(context, $"shard {index} of job {job}");
            return;
        }

        var shard = grains.GetGrain<IShardGrain>(new ShardId(job, index).Value);
        var isReached = known.Reached.Count > 0;
        await Answers.JsonAsync(context, 200, new ShardDetail
        {
            Shard = isReached ? await shard.GetView() : new ShardView { Index = index, Stage = known.Running ? ShardStage.Waiting : ShardStage.GivenUp },
            FirstInput = index * known.ShardSize,
            Inputs = inputs,
            Outputs = isReached ? (await shard.GetResult())?.Output.Items.Select(Slim).ToArray() : null,
            Receipt = isReached ? (await jobGrain.GetReceipt(index))?.Body : null,
        });
    }

    // Tensors can be many megabytes, and nobody reads them on a page: their names and shapes stay.
    private static ItemOutput Slim(ItemOutput item) =>
        item.Tensors is { } tensors ? item with { Tensors = tensors.Select(tensor => tensor with { Data = [] }).ToArray() } : item;
}
