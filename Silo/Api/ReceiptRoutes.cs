using System.Globalization;
using Orleans;

namespace PiGrid.Silo.Api;

/// <summary>Receipts: by their own id, or by job and shard.</summary>
internal sealed class ReceiptRoutes(IGrainFactory grains)
{
    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes, ApiGate gate)
    {
        routes.MapGet("/api/receipts/{id}", gate.Any(ByIdAsync));
        routes.MapGet("/api/jobs/{id}/shards/{shard}/receipt", gate.Any(ByShardAsync));
    }

    private async Task ByIdAsync(HttpContext context, CredentialInfo caller)
    {
        if (await RouteValues.IdAsync<ReceiptId>(context, "id") is { } receipt)
        {
            await AnswerAsync(context, receipt.Shard);
        }
    }

    private async Task ByShardAsync(HttpContext context, CredentialInfo caller)
    {
        if (await RouteValues.IdAsync<JobId>(context, "id") is not { } job)
        {
            return;
        }

        var text = context.Request.RouteValues["shard"] as string;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            await AnswerAsync(context, new ShardId(job, index));
        }
        else
        {
            await Answers.ErrorAsync(context, 400, "invalid", $"'{text}' in the path is not a shard's index.");
        }
    }

    private async Task AnswerAsync(HttpContext context, ShardId shard)
    {
        var receipt = await (shard.Job.IsCall
            ? grains.GetGrain<IInferenceGrain>(shard.Value).GetReceipt()
            : grains.GetGrain<IJobGrain>(shard.Job.Value).GetReceipt(shard.Index));
        await (receipt is null
            ? Answers.NotFoundAsync(context, $"receipt of shard {shard}: it is not accepted, does not exist, or is forgotten")
            : Answers.JsonAsync(context, 200, receipt));
    }
}
