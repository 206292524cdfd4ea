using PiGrid.Grains.Telemetry;

namespace PiGrid.Grains.Jobs;

// The job's span is made at its end: a job may last for days, and over restarts.
internal sealed partial class JobGrain
{
    private void Trace(JobRecord ended)
    {
        var span = GridTrace.Open(SpanNames.Job, ended.Spec!.Trace, ended.AcceptedAt);
        span?.SetTag("pigrid.job.id", _id.Value);
        span?.SetTag("pigrid.model", ended.Spec.Model.Value);
        span?.SetTag("pigrid.policy", ended.Policy.ToString());
        span?.SetTag("pigrid.outcome", ended.State.ToString().ToLowerInvariant());
        GridTrace.Close(span, ended.State == JobState.Failed ? ended.Error : null);
    }
}
