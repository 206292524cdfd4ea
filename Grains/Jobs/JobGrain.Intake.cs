using PiGrid.Grains.Scheduling;
using PiGrid.Grains.Storage;
using PiGrid.Grains.Telemetry;
using PiGrid.Models;

namespace PiGrid.Grains.Jobs;

// How a job is taken in: checked whole, forecast, admitted, made durable.
internal sealed partial class JobGrain
{
    public async Task<JobAdmission> Submit(JobSpec spec, CancellationToken cancellationToken)
    {
        // Sent again, a submission is traced anew.
        var submission = CanonicalJson.Digest(spec with { Trace = null });
        using var span = GridTrace.Start(SpanNames.Submit, spec.Trace);
        if (Exists)
        {
            if (JobRules.CheckAgain(record.State, submission) is { } conflict)
            {
                return new JobAdmission { Errors = [conflict] };
            }

            if (Running)
            {
                // The first answer may have been a failure: the record was stored, its entry was not.
                await Enter(open: true, record.State.AcceptedAt);
            }

            return new JobAdmission { Accepted = Status() };
        }

        var now = time.GetUtcNow();
        var errors = JobValidator.Validate(spec, now, options.Value).ToList();
        var model = await GrainFactory.GetGrain<IModelGrain>(spec.Model.Value).GetWork();
        if (model is null)
        {
            errors.Add(await ExplainModel(spec.Model));
        }

        if (errors.Count > 0)
        {
            return new JobAdmission { Errors = errors };
        }

        if (JobRules.CheckPolicy(spec.Policy, spec.Placement, model!) is { } impossible)
        {
            return new JobAdmission { Errors = [impossible] };
        }

        var forecast = await Forecast(spec, model!);
        var inputMs = forecast.PerInput?.TotalMilliseconds ?? model!.InputMs;
        var (accepted, complaints) = await JobIntake.TakeAsync(spec, model! with { InputMs = inputMs }, now, options.Value, blobs, cancellationToken);
        if (accepted is null)
        {
            return new JobAdmission { Errors = complaints };
        }

        accepted = accepted with { Shortest = JobRules.Shortest(accepted, forecast, inputMs), Submission = submission };
        if (JobRules.CheckDeadline(accepted, accepted.Shortest, forecast, time.GetUtcNow()) is { } unmeetable)
        {
            return new JobAdmission { Errors = [unmeetable] };
        }

        var entry = await Admission.Enter(_id, spec.Requester ?? "");
        if (entry.RetryAfter is { } retryAfter)
        {
            return new JobAdmission { Errors = [new("", "overloaded", entry.Refused!)], RetryAfter = retryAfter };
        }

        await Begin(accepted with { AcceptedAt = time.GetUtcNow() });
        return new JobAdmission { Accepted = Status() };
    }

    public async Task StartValidation(WorkTemplate work, IReadOnlyList<BlobRef> ringers)
    {
        if (!Exists)
        {
            await Begin(JobRules.Validation(work, ringers, time.GetUtcNow()));
        }
        else if (!Running)
        {
            // The model asks because it has not heard of the end.
            await Conclude();
        }
    }

    private async Task<FieldError> ExplainModel(ModelRef model)
    {
        var status = await GrainFactory.GetGrain<IModelGrain>(model.Value).GetStatus();
        return status switch
        {
            null => new("model", "unknown_model", $"The grid has no model {model}; publish it first."),
            { State: ModelState.Pending } => new("model", "model_pending", $"Model {model} is not ready yet: {status.Reason}"),
            { State: ModelState.Unloaded } => new("model", "model_unloaded", $"Model {model} is out of use: the grid's operator has unloaded it."),
            _ => new("model", "model_rejected", $"Model {model} was rejected: {status.Reason}"),
        };
    }

    /// <summary>What the dispatcher knows of the work, where it matters: a job that is cut into shards by size, or has a deadline.</summary>
    private async Task<WorkForecast> Forecast(JobSpec spec, ModelWork model) =>
        spec.Deadline is null && spec.Inputs?.Count < 2 * JobRules.ShardsAtLeast
            ? new WorkForecast(0, 0, null)
            : await GrainFactory.GetGrain<IDispatcherGrain>(DispatcherPartitions.KeyOf(spec.Model)).Forecast(model.Template, spec.Placement, spec.Requester ?? "");

    private async Task Begin(JobRecord accepted)
    {
        record.State = accepted;
        try
        {
            // Accepted when both are durable. After a crash between the two, an entry without a job is taken out at the next start, and a job
            // without an entry is harmless: nobody was told of it.
            await Task.WhenAll(Enter(open: true, accepted.AcceptedAt), record.WriteOrStartOverAsync(this));
        }
        catch
        {
            // Not durable, so not accepted: nothing may be seen of it.
            record.State = new JobRecord();
            await Admission.Leave(_id);
            throw;
        }

        metrics.JobStarted(accepted.Work!.Kind);
        LogAccepted(_id, accepted.Spec!.Model, accepted.InputCount, accepted.ShardCount);
        _events.Add(new JobEvent { At = accepted.AcceptedAt, Kind = JobEventKind.JobAccepted });
        StartPump(TimeSpan.Zero);
    }

    private Task Enter(bool open, DateTimeOffset createdAt) => Registry.Put(new RegistryEntry(_id.Value, open, createdAt, record.State.Spec?.Requester, record.State.Work?.Kind == WorkKind.Validate));
}
