using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using PiGrid.Grains.Scheduling;
using PiGrid.Grains.Verification.Trust;
using PiGrid.Verification;

namespace PiGrid.Grains.Jobs;

// How an adaptive job comes to believe its results, and every job to know whether an operator node is there.
internal sealed partial class JobGrain
{
    private JobTrust? _trust;
    private long _found;
    private bool _hasOperator;
    private WorkForecast? _forecast;
    private DateTimeOffset _operatorsSeenAt;

    private ITrustGrain Trust => GrainFactory.GetGrain<ITrustGrain>(ITrustGrain.Key);

    private TrustOptions Target => trustOptions.Value with { Epsilon = record.State.Policy.Epsilon ?? trustOptions.Value.Epsilon };

    /// <summary>From 0 to 1, and known to no node: who could tell beforehand what will be checked would lie elsewhere.</summary>
    private static double Roll() => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue;

    /// <summary>What an adaptive job learns from a shard that has closed, and wants to be checked because of it.</summary>
    private async Task<IReadOnlyDictionary<int, ShardCheck>> HearOfChecks(ShardOutcome outcome)
    {
        if (!JobRules.IsAdaptive(record.State))
        {
            return new Dictionary<int, ShardCheck>();
        }

        var (before, checks) = (await GetTrust()).Close(outcome, Roll());
        if (before is { } counted && record.State.Progress.IsClosed(outcome.Index))
        {
            record.State = record.State with { Progress = record.State.Progress.Change(counted, ShardCount.Of(outcome)) };
        }

        return checks;
    }

    private async ValueTask<JobTrust> GetTrust()
    {
        if (_trust is null)
        {
            var view = await Trust.GetView(0);
            var carried = new CheckLedger(view.Checks, view.Failures);
            carried.Limit(trustOptions.Value.EvidenceCarried);
            _trust = new JobTrust(record.State.ShardCount, Target, carried);

            // Not known to lie when the job began, perhaps, but before the silo stopped.
            _trust.Find(FoundOf(view));
            _found = view.Version;
        }

        return _trust;
    }

    private IEnumerable<OwnerId> FoundOf(TrustView view) => view.Found.Where(found => found.At >= record.State.AcceptedAt).Select(found => found.Owner);

    private async Task Send(IReadOnlyDictionary<int, ShardCheck> checks)
    {
        foreach (var (shard, check) in checks)
        {
            await ShardOf(shard).Check(check with { Audits = _hasOperator });
        }
    }

    /// <summary>An adaptive job that has all its results and waits for no check is delivered, or checks further.</summary>
    private async Task DeliverIfSettled()
    {
        if (!JobRules.IsAdaptive(record.State) || record.State.Progress.Closed < record.State.ShardCount)
        {
            return;
        }

        var trust = await GetTrust();
        if (trust.Checking.Count > 0)
        {
            return;
        }

        var view = await Trust.GetView(_found);
        _found = view.Version;
        var checks = trust.Find(FoundOf(view));
        if (checks.Count == 0)
        {
            (var delivery, checks) = trust.Settle(view.Saboteurs, _hasOperator, Roll);
            if (delivery is not null)
            {
                LogDelivered(_id, delivery.ExpectedWrong, record.State.Progress.Replicas, record.State.ShardCount);
                await End(JobRules.Finish(record.State with { Delivery = delivery }, time.GetUtcNow()));
                return;
            }
        }

        LogChecking(_id, checks.Count, record.State.ShardCount);
        _events.Add(new JobEvent { At = time.GetUtcNow(), Kind = JobEventKind.JobChecking, Detail = $"{checks.Count} of {record.State.ShardCount} shards are checked further" });
        await Send(checks);
    }

    /// <summary>A check may have been lost with a shard's grain, or the delivery with an error: both are tried again.</summary>
    private async Task RemindOfChecks()
    {
        if (_trust is not null)
        {
            await Send(new Dictionary<int, ShardCheck>(_trust.Checking));
        }

        await DeliverIfSettled();
    }

    private async Task LookForOperators()
    {
        var now = time.GetUtcNow();
        if (record.State.Work!.Kind == WorkKind.Run && now - _operatorsSeenAt >= Checkpoint)
        {
            _operatorsSeenAt = now;
            var dispatcher = GrainFactory.GetGrain<IDispatcherGrain>(DispatcherPartitions.KeyOf(record.State.Work.Model));
            _forecast = await dispatcher.Forecast(record.State.Work, record.State.Spec!.Placement, record.State.Spec.Requester ?? "");
            _hasOperator = _forecast.HasOperator;
        }
    }

    /// <summary>Whether a shard that is being opened is computed by an operator node first. A quorum checks itself, a critical job has every result repeated, and what is
    /// private no volunteer gets.</summary>
    private bool IsRinger() => _hasOperator && !PlacementRules.IsPrivate(record.State.Spec!.Placement) && record.State.Policy.Kind is (PolicyKind.None or PolicyKind.Adaptive)
        && record.State.Work!.Kind == WorkKind.Run && Roll() < trustOptions.Value.AuditRate;

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Job} is delivered: {ExpectedWrong} of its results are expected to be wrong at most; {Replicas} replicas for {Shards} shards")]
    private partial void LogDelivered(JobId job, double expectedWrong, int replicas, int shards);

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Job} checks {Checks} of its {Shards} shards further")]
    private partial void LogChecking(JobId job, int checks, int shards);
}
