using PiGrid.NodeAgent.Cache;
using PiGrid.NodeAgent.Workers;
using PiGrid.NodeAgent.Workers.Wire;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.NodeAgent.Work;

/// <summary>
/// Runs a shard's inputs through a worker process. An input that ends its worker is run once more, alone in a fresh one, and then has an error of its
/// own: a poison input takes nothing from the others.
/// </summary>
internal sealed partial class ShardRunner(WorkerPool pool, ILogger logger)
{
    private const int Attempts = 2;

    /// <summary>Runs the order.</summary>
    /// <param name="assignment">The assignment.</param>
    /// <param name="blobs">Its blobs.</param>
    /// <param name="provider">The provider to try first.</param>
    /// <param name="done">Hears how many inputs are done.</param>
    /// <param name="cancellationToken">Ends it, with whatever runs.</param>
    /// <exception cref="LeaseFailedException">The model cannot be loaded here.</exception>
    /// <exception cref="BlobUnavailableException">A blob cannot be had.</exception>
    public async Task<ShardRun> RunAsync(Assignment assignment, LeaseBlobs blobs, string provider, Action<int> done, CancellationToken cancellationToken)
    {
        var order = assignment.Order;
        await using var seat = new WorkerSeat(pool, WorkBlobs.KeyOf(order.Work));
        if (order.Work.Kind == WorkKind.Validate)
        {
            var report = await ValidateAsync(seat, order, provider, blobs, cancellationToken);
            return new([report], 0, provider, seat.Library);
        }

        var items = new ItemOutput[order.Inputs.Count];
        var modelMs = 0.0;
        var next = blobs.UseAsync(order.Inputs[0].Blob, cancellationToken);
        try
        {
            for (var i = 0; i < items.Length; i++)
            {
                await LoadAsync(seat, order.Work, provider, blobs, cancellationToken);
                using var input = await next;
                next = i + 1 < items.Length ? blobs.UseAsync(order.Inputs[i + 1].Blob, cancellationToken) : Task.FromResult(new BlobUse(() => { }));
                (items[i], var ms) = await RunInputAsync(seat, order.Work, provider, blobs, input.Bytes, cancellationToken);
                modelMs += ms;
                done(i + 1);
            }
        }
        finally
        {
            _ = next.ContinueWith(t => t.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            _ = next.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }

        return new(items, modelMs, seat.Provider, seat.Library);
    }

    private async Task<(ItemOutput Output, double ModelMs)> RunInputAsync(
        WorkerSeat seat, WorkTemplate work, string provider, LeaseBlobs blobs, byte[] input, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await LoadAsync(seat, work, provider, blobs, cancellationToken);
                var reply = await seat.Worker!.AskAsync<RanReply>(
                    new RunRequest(input.Length),
                    (stream, token) => stream.WriteAsync(input, token).AsTask(),
                    TimeSpan.FromSeconds(work.Limits.SecondsPerInput) + pool.Options.RunGrace,
                    work.Limits.MemoryMib,
                    cancellationToken);

                // A machine that was busy for a moment must not make its answer differ from all others'.
                if (reply.Output.Error?.Code is not ItemErrorCode.TimedOut || attempt == Attempts)
                {
                    return (reply.Output, reply.ModelMs);
                }
            }
            catch (WorkerDiedException e)
            {
                Died(e.Message);
                seat.Leave();
                if (attempt == Attempts)
                {
                    return (new ItemOutput { Error = ErrorOf(e) }, 0);
                }
            }
        }
    }

    private async Task LoadAsync(WorkerSeat seat, WorkTemplate work, string provider, LeaseBlobs blobs, CancellationToken cancellationToken)
    {
        for (var attempt = 1; !seat.IsLoaded; attempt++)
        {
            try
            {
                await seat.TakeAsync(cancellationToken);
                if (seat.IsLoaded)
                {
                    return;
                }

                switch (await ModelLoader.LoadAsync(seat.Worker!, work, [], provider, blobs, pool.Options.LoadMax, cancellationToken))
                {
                    case LoadedReply loaded:
                        seat.Loaded(loaded.Provider);
                        if (loaded.FallbackReason is { } reason)
                        {
                            FellBack(work.Model.Value, reason);
                        }

                        break;
                    case RefusedReply refused:
                        throw new LeaseFailedException($"the model cannot be loaded: {string.Join("; ", refused.Errors.Select(e => $"{e.Field}: {e.Message}"))}");
                    case var other:
                        throw new LeaseFailedException($"the worker answered {other.GetType().Name} to a load");
                }
            }
            catch (WorkerDiedException e)
            {
                Died(e.Message);
                seat.Leave();
                if (attempt == Attempts)
                {
                    throw new LeaseFailedException($"the model cannot be loaded: {e.Message}");
                }
            }
        }
    }

    private async Task<ItemOutput> ValidateAsync(WorkerSeat seat, WorkOrder order, string provider, LeaseBlobs blobs, CancellationToken cancellationToken)
    {
        // Each ringer runs twice, under the manifest's own limit.
        var timeMax = pool.Options.LoadMax + (TimeSpan.FromSeconds(order.Work.Limits.SecondsPerInput) * 2 * order.Inputs.Count);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await seat.TakeAsync(cancellationToken);
                return await ModelLoader.LoadAsync(seat.Worker!, order.Work, order.Inputs, provider, blobs, timeMax, cancellationToken) switch
                {
                    ValidatedReply validated => validated.Output,
                    RefusedReply refused => new ItemOutput
                    {
                        Error = new(ItemErrorCode.ModelFailed, string.Join("; ", refused.Errors.Select(e => $"{e.Field}: {e.Message}"))),
                    },
                    var other => throw new LeaseFailedException($"the worker answered {other.GetType().Name} to a validation"),
                };
            }
            catch (WorkerDiedException e)
            {
                Died(e.Message);
                seat.Leave();
                if (attempt == Attempts)
                {
                    return new ItemOutput { Error = ErrorOf(e) };
                }
            }
        }
    }

    private static ItemError ErrorOf(WorkerDiedException e) => e.End switch
    {
        WorkerEnd.TookTooLong => new(ItemErrorCode.TimedOut, "The input took longer than the model's limit, twice. Send a smaller one, or publish the model with a higher limit."),
        WorkerEnd.TookTooMuchMemory => new(ItemErrorCode.WorkerDied, "The input needs more memory than the model's limit, twice. Send a smaller one, or publish the model with a higher limit."),
        WorkerEnd.Crashed or WorkerEnd.Cancelled => new(ItemErrorCode.WorkerDied, $"The input ended its worker process twice. {e.Message}"),
    };

    [LoggerMessage(70, LogLevel.Warning, "A worker died: {Reason}")]
    private partial void Died(string reason);

    [LoggerMessage(71, LogLevel.Warning, "Model {Model} runs on the processor instead: {Reason}")]
    private partial void FellBack(string model, string reason);
}
