using System.Collections.Concurrent;
using PiGrid.Client;
using PiGrid.Verification;

namespace PiGrid.Tests.Scenarios.Faults;

/// <summary>
/// Remembers all that the grid promised and all that it said, and finds what does not fit: a promise not kept, a word taken back. Thread-safe.
/// </summary>
internal sealed class Witness
{
    private readonly ConcurrentDictionary<JobId, PromisedJob> _jobs = new();
    private readonly ConcurrentDictionary<JobId, JobStatus> _ends = new();
    private readonly ConcurrentDictionary<ReceiptId, byte[]> _receipts = new();
    private readonly ConcurrentDictionary<string, bool> _violations = new();

    /// <summary>What is wrong, each once.</summary>
    public IReadOnlyCollection<string> Violations => [.. _violations.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Every job whose submission was answered with success.</summary>
    public IReadOnlyCollection<PromisedJob> Jobs => [.. _jobs.Values];

    /// <summary>Whether the grid said that a job has ended.</summary>
    public bool HasEnded(JobId job) => _ends.ContainsKey(job);

    /// <summary>Something is wrong.</summary>
    public void Complain(string violation) => _violations.TryAdd(violation, true);

    /// <summary>A submission was answered with success.</summary>
    public void Promised(PromisedJob job, JobStatus status)
    {
        _jobs.TryAdd(job.Id, job);
        Saw(status);
    }

    /// <summary>The grid said how a job stands: what is terminal stays as it was.</summary>
    public void Saw(JobStatus status)
    {
        if (status.ShardsAccepted + status.ShardsFailed > status.Shards)
        {
            Complain($"Job {status.Id} counts {status.ShardsAccepted} accepted and {status.ShardsFailed} failed of {status.Shards} shards.");
        }

        if (_ends.TryGetValue(status.Id, out var end))
        {
            if ((status.State, status.FinishedAt, status.ShardsAccepted, status.InputsFailed) != (end.State, end.FinishedAt, end.ShardsAccepted, end.InputsFailed))
            {
                Complain($"Job {status.Id} was {Show(end)} and is {Show(status)} now: a terminal state is to stay.");
            }
        }
        else if (status.IsTerminal)
        {
            _ends.TryAdd(status.Id, status);
        }
    }

    /// <summary>The grid showed a receipt: there is one for each shard and it never changes.</summary>
    public void Saw(Receipt receipt)
    {
        var seen = _receipts.GetOrAdd(receipt.Body.Id, _ => receipt.Signature);
        if (!seen.AsSpan().SequenceEqual(receipt.Signature))
        {
            Complain($"Shard {receipt.Body.Shard} was accepted twice: its receipt is another one now, of {receipt.Body.AcceptedAt:O}.");
        }
    }

    /// <summary>Checks jobs that are over, in a grid that is calm.</summary>
    public async Task CheckAsync(IReadOnlyCollection<PromisedJob> jobs, IHarmedGrid grid)
    {
        foreach (var job in jobs)
        {
            try
            {
                await CheckAsync(job, grid.Client, grid.GridKey, CancellationToken.None);
            }
            catch (Exception e) when (e is GridApiException or GridUnreachableException)
            {
                Complain($"Job {job.Id} cannot be read: {e.Message}");
            }
        }
    }

    /// <summary>Checks a job that is over: it ended well, every output is right, every receipt holds.</summary>
    private async Task CheckAsync(PromisedJob job, GridClient client, byte[] gridKey, CancellationToken cancellationToken)
    {
        if (await client.FindJobAsync(job.Id, cancellationToken) is not { } status)
        {
            Complain($"Job {job.Id} was accepted and is not there any more.");
            return;
        }

        Saw(status);
        if (status is not { State: JobState.Completed, InputsFailed: 0, ShardsFailed: 0 })
        {
            Complain($"Job {job.Id} is {Show(status)} with {status.InputsFailed} failed inputs: {status.Error}");
            return;
        }

        var results = await client.ReadResultsAsync(job.Id, 0, cancellationToken).ToListAsync(cancellationToken);
        if (results.Count != job.Numbers.Count)
        {
            Complain($"Job {job.Id} has {results.Count} results for {job.Numbers.Count} inputs.");
        }

        foreach (var result in results)
        {
            await CheckAsync(job, result, client, gridKey, cancellationToken);
        }
    }

    private static string Show(JobStatus status) =>
        $"{status.State} since {status.FinishedAt:O}, {status.ShardsAccepted} of {status.Shards} shards accepted";

    private async Task CheckAsync(PromisedJob job, JobResult result, GridClient client, byte[] gridKey, CancellationToken cancellationToken)
    {
        var expected = new ShardOutput { Items = [CountingModel.Output(job.Numbers[result.Index])] };
        var got = new ShardOutput { Items = [result.Output] };
        if (!expected.ToCanonicalBytes().AsSpan().SequenceEqual(got.ToCanonicalBytes()))
        {
            Complain($"Output {result.Index} of job {job.Id} is wrong{(result.Output.Error is { } error ? $": {error.Code} {error.Message}" : "")}.");
            return;
        }

        if (result.Receipt is not { } id || await client.FindReceiptAsync(id, cancellationToken) is not { } receipt)
        {
            Complain($"Output {result.Index} of job {job.Id} has no receipt.");
            return;
        }

        Saw(receipt);
        var errors = ReceiptCheck.Verify(receipt, gridKey).ToList();
        if (receipt.Body.Replicas.DistinctBy(r => r.Owner).Count() != receipt.Body.Replicas.Count)
        {
            errors.Add("An owner is in it twice.");
        }

        if (receipt.Body.Output != Sha256.Of(expected.ToCanonicalBytes()))
        {
            errors.Add("It is of another output.");
        }

        errors.ForEach(e => Complain($"The receipt of shard {receipt.Body.Shard}: {e}"));
    }
}

/// <summary>A job that the grid took on.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Policy">Its policy.</param>
/// <param name="Numbers">The numbers of each input; every input is a shard.</param>
internal sealed record PromisedJob(JobId Id, VerificationPolicy Policy, IReadOnlyList<float[]> Numbers);
