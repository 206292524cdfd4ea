using PiGrid.NodeAgent.Cache;
using PiGrid.NodeAgent.Telemetry;
using PiGrid.NodeAgent.Workers;
using PiGrid.NodeAgent.Workers.Wire;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.NodeAgent.Work;

/// <summary>
/// Runs a shard's inputs through a worker process. An input that ends its worker is run once more, alone in a fresh one, and then has an error of its
/// own: a poison input takes nothing from the others.
/// </summary>
internal sealed partial class ShardRunner(WorkerPool pool, TurnQueue turns, OutputCoalescing coalescing, ILogger logger)
{
    private const int Attempts = 2;

    /// <summary>Runs the order.</summary>
    /// <param name="assignment">The assignment.</param>
    /// <param name="blobs">Its blobs.</param>
    /// <param name="provider">The provider to try first.</param>
    /// <param name="commits">Whether the node commits itself to its runs.</param>
    /// <param name="done">Hears how many inputs are done.</param>
    /// <param name="cancellationToken">Ends it, with whatever runs.</param>
    /// <exception cref="LeaseFailedException">The model cannot be loaded here.</exception>
    /// <exception cref="BlobUnavailableException">A blob cannot be had.</exception>
    public async Task<ShardRun> RunAsync(Assignment assignment, LeaseBlobs blobs, string provider, bool commits, Action<int> done, CancellationToken cancellationToken)
    {
        var order = assignment.Order;
        if (IsCall(assignment) && !commits)
        {
            return await RunCallAsync(order, blobs, provider, done, cancellationToken);
        }

        await blobs.BeGenuineAsync();
        await turns.EnterAsync(new Turn(), cancellationToken);
        try
        {
            return order.Work.Kind == WorkKind.Validate
                ? await ValidateAsync(order, provider, blobs, cancellationToken)
                : await RunInputsAsync(order, blobs, provider, commits, done, cancellationToken);
        }
        finally
        {
            turns.Leave();
        }
    }

    private async Task<ShardRun> RunInputsAsync(WorkOrder order, LeaseBlobs blobs, string provider, bool commits, Action<int> done, CancellationToken cancellationToken)
    {
        var work = await InputWork.PrepareAsync(order, commits, blobs, cancellationToken);
        await using var seat = new WorkerSeat(pool, WorkBlobs.KeyOf(order.Work, work.KeepFiles));
        var items = new ItemOutput[order.Inputs.Count];
        var commitments = new Sha256?[items.Length];
        var modelMs = 0.0;
        var next = blobs.UseAsync(order.Inputs[0].Blob, cancellationToken);
        try
        {
            for (var i = 0; i < items.Length; i++)
            {
                await LoadAsync(seat, work, provider, blobs, cancellationToken);
                using var input = await next;
                next = i + 1 < items.Length ? blobs.UseAsync(order.Inputs[i + 1].Blob, cancellationToken) : Task.FromResult(new BlobUse(() => { }));
                using var span = AgentTrace.Step(AgentTrace.Model);
                (items[i], var ms, commitments[i]) = await RunInputAsync(seat, work, i, provider, blobs, input.Bytes, cancellationToken);
                modelMs += ms;
                done(i + 1);
            }
        }
        finally
        {
            _ = next.ContinueWith(t => t.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            _ = next.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }

        return new(items, modelMs, seat.Provider, seat.Library)
        {
            // What died or took too long has an error, and with it nothing to open.
            Commitments = commits && work.KeepFiles && order.Work.Kind == WorkKind.Run ? [.. commitments.Select(c => c ?? Sha256.Of([]))] : null,
        };
    }

    private async Task<InputRun> RunInputAsync(
        WorkerSeat seat, InputWork work, int index, string provider, LeaseBlobs blobs, byte[] input, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await LoadAsync(seat, work, provider, blobs, cancellationToken);
                var timeMax = TimeSpan.FromSeconds(work.Order.Work.Limits.SecondsPerInput) + pool.Options.RunGrace;
                var run = await work.AskAsync(seat.Worker!, index, input, timeMax, cancellationToken);

                // A machine that was busy for a moment must not make its answer differ from all others'.
                if (run.Output.Error?.Code is not ItemErrorCode.TimedOut || attempt == Attempts)
                {
                    return run;
                }
            }
            catch (WorkerDiedException e)
            {
                Died(e.Message);
                seat.Leave();
                if (attempt == Attempts)
                {
                    return new(new ItemOutput { Error = ErrorOf(e) }, 0, null);
                }
            }
        }
    }

    private async Task LoadAsync(WorkerSeat seat, InputWork work, string provider, LeaseBlobs blobs, CancellationToken cancellationToken)
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

                switch (await ModelLoader.LoadAsync(seat.Worker!, work.Order.Work, [], work.KeepFiles ? "cpu" : provider, work.KeepFiles, blobs, pool.Options.LoadMax, cancellationToken))
                {
                    case LoadedReply loaded:
                        seat.Loaded(loaded.Provider);
                        turns.Learn(work.Order.Work.Manifest.Sha256, loaded.BatchMax);
                        if (loaded.FallbackReason is { } reason)
                        {
                            FellBack(work.Order.Work.Model.Value, reason);
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

    private async Task<ShardRun> ValidateAsync(WorkOrder order, string provider, LeaseBlobs blobs, CancellationToken cancellationToken)
    {
        ItemOutput item;
        string library;
        await using (var seat = new WorkerSeat(pool, WorkBlobs.KeyOf(order.Work, keepFiles: false)))
        {
            item = await ValidateAsync(seat, order, provider, blobs, cancellationToken);
            library = seat.Library;
        }

        if (item.Report is { } report && order is { Inputs.Count: > 0, Work.Segments: { } terms })
        {
            item = new() { Report = report with { Plan = await PlanAsync(order, terms, blobs, cancellationToken) } };
        }

        return new([item], 0, provider, library);
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
                return await ModelLoader.LoadAsync(seat.Worker!, order.Work, order.Inputs, provider, keepFiles: false, blobs, timeMax, cancellationToken) switch
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

    /// <summary>Cuts the model, by the first ringer's run; a valid model that cannot be cut is a valid model.</summary>
    private async Task<SegmentPlan?> PlanAsync(WorkOrder order, SegmentTerms terms, LeaseBlobs blobs, CancellationToken cancellationToken)
    {
        await using var seat = new WorkerSeat(pool, WorkBlobs.KeyOf(order.Work, keepFiles: true));
        try
        {
            await seat.TakeAsync(cancellationToken);
            await ModelLoader.LoadAsync(seat.Worker!, order.Work, [], "cpu", keepFiles: true, blobs, pool.Options.LoadMax, cancellationToken);
            using var example = await blobs.UseAsync(order.Inputs[0].Blob, cancellationToken);
            var reply = await seat.Worker!.AskAsync<WorkerReply>(
                new PlanRequest(example.Bytes.Length, terms.Segments, 0) { OpeningBytesMax = terms.OpeningBytesMax ?? long.MaxValue },
                [example.Bytes],
                pool.Options.LoadMax + TimeSpan.FromSeconds(order.Work.Limits.SecondsPerInput),
                ModelLoader.MemoryOf(order.Work, keepFiles: true),
                cancellationToken);
            if (reply is PlannedReply { Plan: { } plan })
            {
                return plan;
            }

            NotCut(order.Work.Model.Value, reply is RefusedReply refused ? string.Join("; ", refused.Errors.Select(e => e.Message)) : "no cut keeps within the bounds");
            return null;
        }
        catch (WorkerDiedException e)
        {
            NotCut(order.Work.Model.Value, e.Message);
            seat.Leave();
            return null;
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

    [LoggerMessage(72, LogLevel.Information, "Model {Model} is not cut into segments: {Reason}")]
    private partial void NotCut(string model, string reason);

    [LoggerMessage(71, LogLevel.Warning, "Model {Model} runs on the processor instead: {Reason}")]
    private partial void FellBack(string model, string reason);
}
