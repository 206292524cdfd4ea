using Microsoft.Extensions.Logging;
using PiGrid.Verification;

namespace PiGrid.Grains.Jobs;

// What becomes of delivered results when somebody on whom they rest is found to lie.
internal sealed partial class JobGrain
{
    private const int AgreeingOnRecheck = 2;

    public async Task<int> Recheck(IReadOnlyList<FoundOwner> found, CancellationToken cancellationToken)
    {
        if (!Exists || Running || record.State.Work!.Kind != WorkKind.Run || RecheckRules.Distrusted(found, record.State.AcceptedAt) is not { Length: > 0 } owners)
        {
            return 0;
        }

        await LookForOperators();
        var check = new ShardCheck { Agreeing = Math.Max(AgreeingOnRecheck, record.State.Policy.Agreeing), Audits = _hasOperator, Distrusted = owners };
        var (distrusted, shaken) = (owners.ToHashSet(), 0);
        foreach (var batch in Enumerable.Range(0, record.State.ShardCount).Chunk(DeletedAtOnce))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var outcome in await Task.WhenAll(batch.Select(shard => ShardOf(shard).GetOutcome())))
            {
                if (outcome is not null && RecheckRules.IsShaken(outcome, distrusted))
                {
                    await ShardOf(outcome.Index).Check(check);
                    shaken++;
                }
            }
        }

        if (shaken > 0)
        {
            LogRechecking(_id, shaken, owners.Length);
        }

        return shaken;
    }

    /// <summary>A shard closes again after the job's end: what was delivered is no longer what it was, or is confirmed.</summary>
    private async Task HearLate(ShardOutcome outcome)
    {
        if (outcome.Changed)
        {
            LogCorrected(_id, outcome.Index, outcome.Accepted);
            record.State = record.State with { Corrected = record.State.Corrected + 1 };
            await Write();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job}: {Shards} delivered shards rest on {Owners} owners that were found to lie, and are checked again")]
    private partial void LogRechecking(JobId job, int shards, int owners);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job}: the delivered result of shard {Shard} was wrong; another is accepted in its place: {Accepted}")]
    private partial void LogCorrected(JobId job, int shard, bool accepted);
}
