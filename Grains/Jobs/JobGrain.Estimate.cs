using PiGrid.Grains.Scheduling;
using PiGrid.Grains.Verification.Trust;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Grains.Jobs;

// What a job would cost before it is submitted, and what it can vouch for after.
internal sealed partial class JobGrain
{
    public async Task<JobEstimate> Estimate(JobQuestion question)
    {
        var policy = question.Policy ?? VerificationPolicy.Adaptive;
        var model = await GrainFactory.GetGrain<IModelGrain>(question.Model.Value).GetWork();
        var errors = JobValidator.Validate(question, options.Value).ToList();
        if (model is null)
        {
            errors.Add(await ExplainModel(question.Model));
        }
        else if (JobRules.CheckPolicy(policy, question.Placement, model) is { } impossible)
        {
            errors.Add(impossible);
        }

        if (errors.Count > 0)
        {
            return new JobEstimate { Errors = errors, Policy = policy };
        }

        var forecast = await GrainFactory.GetGrain<IDispatcherGrain>(DispatcherPartitions.KeyOf(question.Model)).Forecast(model!.Template, question.Placement, "");
        var inputMs = forecast.PerInput?.TotalMilliseconds ?? model.InputMs;
        var spec = new JobSpec { Model = question.Model, Policy = policy, ShardSize = question.ShardSize, Placement = question.Placement };
        var job = JobRules.Accept(spec, model with { InputMs = inputMs }, question.Inputs, time.GetUtcNow(), options.Value);
        var view = await Trust.GetView(0);
        var cost = PlacementRules.IsPrivate(question.Placement) ? CostRules.OperatorAlone : CostRules.Expect(
            policy, job.ShardCount, new CheckLedger(view.Checks, view.Failures), view.Saboteurs, trustOptions.Value with { Epsilon = policy.Epsilon ?? trustOptions.Value.Epsilon });
        return new JobEstimate
        {
            Policy = job.Policy,
            Shards = job.ShardCount,
            ReplicasPerShard = cost.Replicas,
            AuditsPerShard = cost.Audits,
            ExpectedWrong = cost.Wrong,
            Shortest = JobRules.Shortest(job, forecast, inputMs),
            HasOperator = forecast.HasOperator,
        };
    }

    public async Task<Receipt?> GetReceipt(int shard)
    {
        if (!Exists || shard < 0 || shard >= record.State.ShardCount || await ShardOf(shard).GetResult() is not { } result)
        {
            return null;
        }

        // How much a result is worth is known when the job is delivered, and not when its shard was accepted: so the receipt is signed anew.
        return record.State.Delivery is { } delivery
            ? Sign(result.Receipt.Body with { Credibility = delivery.CredibilityOf(result.Outcome) })
            : result.Receipt;
    }

    private Receipt Sign(ReceiptBody body) => new() { Body = body, Signature = signer.Sign(CanonicalJson.Serialize(body)) };
}
