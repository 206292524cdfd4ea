using System.Collections.Concurrent;
using PiGrid.Client;

namespace PiGrid.Tests.Scenarios.Faults;

/// <summary>Submits jobs until each is answered, watches them, and tells the witness what it hears.</summary>
internal sealed class Requester(IHarmedGrid grid, Witness witness)
{
    private const int SmallNumbers = 3, ManyNumbers = 800, NumberMax = 1_000_000;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<JobId, Task> _watches = new();

    /// <summary>Jobs that were submitted and have not ended, as far as is known.</summary>
    public int Open => _watches.Values.Count(w => !w.IsCompleted);

    /// <summary>Submits a job, with the same id until it is answered.</summary>
    /// <param name="shards">How many inputs, each a shard.</param>
    /// <param name="dice">Chooses policy and inputs.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<PromisedJob> SubmitAsync(int shards, Random dice, CancellationToken cancellationToken)
    {
        var policy = dice.Next(3) == 0 ? VerificationPolicy.None : VerificationPolicy.Quorum(2);

        // Now and then an input that is fetched and an output that is uploaded, instead of travelling inside messages.
        var numbers = Enumerable.Range(0, shards).Select(_ => Numbers(dice.Next(4) == 0 ? ManyNumbers : SmallNumbers, dice)).ToList();
        var job = new PromisedJob(NewId.Job(), policy, numbers);
        var spec = new JobSpec
        {
            Model = grid.Model,
            Policy = policy,
            ShardSize = 1,
            Inputs = numbers.Select((n, i) => new JobInput { Name = $"input {i}", Data = CountingModel.Input(n) }).ToArray(),
        };
        var status = await TryAsync(() => grid.Client.SubmitAsync(job.Id, spec, cancellationToken: cancellationToken), cancellationToken);
        witness.Promised(job, status);
        grid.Moments.Happened(Moments.Submitted);
        _watches[job.Id] = WatchAsync(job.Id, cancellationToken);
        return job;
    }

    /// <summary>Waits until every job that was accepted has ended.</summary>
    public async Task UntilDoneAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_watches.Values);
        _watches.Clear();
        foreach (var job in witness.Jobs.Where(j => !witness.HasEnded(j.Id)))
        {
            witness.Saw(await TryAsync(() => grid.Client.WaitForJobAsync(job.Id, cancellationToken), cancellationToken));
        }
    }

    /// <summary>Asks until there is an answer that is not about a fault.</summary>
    public static async Task<T> TryAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (Exception e) when (e is GridUnreachableException || (e is GridApiException { Status: var status } && (int)status >= 500))
            {
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    private static float[] Numbers(int count, Random dice) => [.. Enumerable.Range(0, count).Select(_ => (float)dice.Next(NumberMax))];

    // The stream may begin anew after a restart, so the same may be heard twice; a receipt is read as soon as it is said to be there.
    private async Task WatchAsync(JobId job, CancellationToken cancellationToken)
    {
        await TryAsync(
            async () =>
            {
                await foreach (var happened in grid.Client.WatchAsync(job, cancellationToken))
                {
                    if (happened.Kind == JobEventKind.ShardAccepted)
                    {
                        grid.Moments.Happened(Moments.ShardAccepted);
                        if (happened.Shard is { } shard && await grid.Client.FindReceiptAsync(new ReceiptId(new ShardId(job, shard)), cancellationToken) is { } receipt)
                        {
                            witness.Saw(receipt);
                        }
                    }
                }

                grid.Moments.Happened(Moments.JobFinished);
                witness.Saw(await grid.Client.WaitForJobAsync(job, cancellationToken));
                return job;
            },
            cancellationToken);
    }
}
