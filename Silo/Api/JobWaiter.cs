using Orleans.Runtime;

namespace PiGrid.Silo.Api;

/// <summary>Waits for the end of a job without asking again and again: the job's own events say when it is over.</summary>
internal sealed class JobWaiter(TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>Where the job stands when it has ended, or when the time is over.</summary>
    public async Task<JobStatus?> WaitAsync(IJobGrain job, JobStatus? status, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (status is null or { IsTerminal: true } || wait <= TimeSpan.Zero)
        {
            return status;
        }

        using var late = new CancellationTokenSource(wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken, lifetime.ApplicationStopping);
        try
        {
            // From the beginning: what happened before the watch began is among what is remembered.
            await foreach (var happened in job.Watch(after: 0, either.Token).WithCancellation(either.Token))
            {
                if (happened.Kind == JobEventKind.JobFinished)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is over, or the silo stops: the caller gets what there is.
        }
        catch (Exception e) when (e is EnumerationAbortedException or TimeoutException or OrleansException)
        {
            // The grain was moved or rests, or its silo is gone; its state says the rest.
        }

        return await job.GetStatus();
    }
}
