using PiGrid.Api;
using PiGrid.Client.Http;
using PiGrid.Verification;

namespace PiGrid.Client;

/// <content>Jobs: submit, look, wait, cancel, retry.</content>
public sealed partial class GridClient
{
    /// <summary>
    /// Submits a job. Its id is made here, before the first try, so that a try that was answered into a lost connection is not run twice.
    /// </summary>
    /// <param name="spec">The job; its inputs' blobs are uploaded before.</param>
    /// <param name="wait">How long the grid may hold the answer back until the job has ended; short jobs then need no second call.</param>
    /// <param name="cancellationToken">Stops waiting; an accepted job goes on.</param>
    /// <exception cref="GridApiException">The job is refused; the fields say why, every reason at once.</exception>
    public Task<JobStatus> SubmitAsync(JobSpec spec, TimeSpan wait = default, CancellationToken cancellationToken = default) =>
        SubmitAsync(NewId.Job(), spec, wait, cancellationToken);

    /// <summary>Submits a job under an id of the caller's; submitting it again returns the job as it stands.</summary>
    public Task<JobStatus> SubmitAsync(JobId id, JobSpec spec, TimeSpan wait = default, CancellationToken cancellationToken = default)
    {
        var call = GridCall.Post(GridCall.WithWait("api/jobs", wait), new SubmitJobRequest(id, spec), safe: true);
        return _transport.SendAsync<JobStatus>(call with { Wait = wait, IdempotencyKey = id.Value }, cancellationToken);
    }

    /// <summary>
    /// Submits a job and reads its outputs in one round trip: the shortest way for small jobs. The results are null when the job has not ended
    /// within the wait, or has more results than the grid puts into one answer; <see cref="ReadResultsAsync"/> then gives them.
    /// </summary>
    /// <param name="spec">The job; its inputs' blobs are uploaded before.</param>
    /// <param name="wait">How long the grid may hold the answer back.</param>
    /// <param name="cancellationToken">Stops waiting; an accepted job goes on.</param>
    /// <exception cref="GridApiException">The job is refused.</exception>
    public Task<JobAnswer> RunAsync(JobSpec spec, TimeSpan wait, CancellationToken cancellationToken = default)
    {
        var id = NewId.Job();
        var call = GridCall.Post(GridCall.WithWait("api/jobs?include=results", wait), new SubmitJobRequest(id, spec), safe: true);
        return _transport.SendAsync<JobAnswer>(call with { Wait = wait, IdempotencyKey = id.Value }, cancellationToken);
    }

    /// <summary>What a job would cost and how long it would take, by what the grid knows now. Nothing is submitted.</summary>
    /// <exception cref="GridApiException">Such a job would be refused; the fields say why.</exception>
    public Task<JobEstimate> EstimateAsync(JobQuestion question, CancellationToken cancellationToken = default) =>
        _transport.SendAsync<JobEstimate>(GridCall.Post("api/jobs/estimate", question, safe: true), cancellationToken);

    /// <summary>Jobs, newest first.</summary>
    /// <param name="openOnly">Only those that have not ended.</param>
    /// <param name="cancellationToken">Stops the listing.</param>
    public IAsyncEnumerable<JobStatus> ListJobsAsync(bool openOnly = false, CancellationToken cancellationToken = default) =>
        ListAsync<JobStatus>(openOnly ? "api/jobs?limit=100&open=true" : "api/jobs?limit=100", cancellationToken);

    /// <summary>Where a job stands; null when there is none.</summary>
    public Task<JobStatus?> FindJobAsync(JobId job, CancellationToken cancellationToken = default) =>
        _transport.FindAsync<JobStatus>(GridCall.Get($"api/jobs/{job}"), cancellationToken);

    /// <summary>Waits until a job has ended.</summary>
    /// <exception cref="GridApiException">There is no such job.</exception>
    public async Task<JobStatus> WaitForJobAsync(JobId job, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var status = await _transport
                .SendAsync<JobStatus>(GridCall.GetWaiting($"api/jobs/{job}", _options.LongPoll), cancellationToken).ConfigureAwait(false);
            if (status.IsTerminal)
            {
                return status;
            }

            await Task.Delay(_options.PollPause, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Cancels what is open of a job; one that has ended stays as it is.</summary>
    public Task<JobStatus> CancelJobAsync(JobId job, string reason, CancellationToken cancellationToken = default) =>
        _transport.SendAsync<JobStatus>(GridCall.Post($"api/jobs/{job}/cancel", new ReasonRequest(reason), safe: true), cancellationToken);

    /// <summary>Runs a job's failed inputs again, as one new job: further tries carry the key of the first.</summary>
    /// <exception cref="GridApiException">There is no such job, it has not ended, or nothing failed.</exception>
    public Task<JobStatus> RetryJobAsync(JobId job, CancellationToken cancellationToken = default) =>
        _transport.SendAsync<JobStatus>(new GridCall(HttpMethod.Post, $"api/jobs/{job}/retry") { Safe = true, IdempotencyKey = GridCall.NewKey() }, cancellationToken);

    /// <summary>The receipt of an accepted shard; null when there is none. <see cref="ReceiptCheck"/> verifies it offline.</summary>
    public Task<Receipt?> FindReceiptAsync(ReceiptId receipt, CancellationToken cancellationToken = default) =>
        _transport.FindAsync<Receipt>(GridCall.Get($"api/receipts/{receipt}"), cancellationToken);
}
