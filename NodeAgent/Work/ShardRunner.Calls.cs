using PiGrid.NodeAgent.Telemetry;
using PiGrid.NodeAgent.Workers;
using PiGrid.NodeAgent.Workers.Wire;
using PiGrid.Protocol;
using PiGrid.Verification;

namespace PiGrid.NodeAgent.Work;

// Online calls: their inputs are here before it is their turn, and those of one model that wait together run together where it allows that.
internal sealed partial class ShardRunner
{
    /// <summary>The longest time that an output waits for another; zero for none.</summary>
    public TimeSpan CoalesceMax { get; init; } = CoalescingRules.WaitMaxAbsent;

    /// <summary>
    /// Whether a call's work can begin before its lease is checked: it uses what is here and nothing else, a worker with its model and an input that came along.
    /// </summary>
    public bool CanBegin(Assignment assignment) =>
        IsCall(assignment) && assignment.Inline.Count > 0 && pool.IsLoaded(WorkBlobs.KeyOf(assignment.Order.Work, keepFiles: false));

    private static bool IsCall(Assignment assignment) => assignment.Lease.Lease.Shard.Job.IsCall && assignment.Order is { Work.Kind: WorkKind.Run, Inputs.Count: 1 };

    private async Task<ShardRun> RunCallAsync(WorkOrder order, LeaseBlobs blobs, string provider, Action<int> done, CancellationToken cancellationToken)
    {
        var work = await InputWork.PrepareAsync(order, commits: false, blobs, cancellationToken);
        using var input = await blobs.UseAsync(order.Inputs[0].Blob, cancellationToken);
        CallRun ran;
        bool isAlone;
        using (AgentTrace.Step(AgentTrace.Model))
        {
            var turn = new Turn(order.Work.Manifest.Sha256, input.Bytes);
            var along = await EnterAsync(turn, blobs, cancellationToken);
            isAlone = along is { Count: 0 };
            ran = along is not null
                ? await LeadAsync(work, turn, along, blobs, provider, cancellationToken)
                : await turn.Ran.Task.WaitAsync(cancellationToken);
        }

        done(1);

        // Those that ran together leave together.
        await coalescing.LeaveAsync(CoalescingRules.WaitMax(ran.Run.ModelMs, isAlone && turns.IsCrowded, CoalesceMax));
        return new([ran.Run.Output], ran.Run.ModelMs, ran.Provider, ran.Library);
    }

    /// <summary>Takes its turn, or waits for it; only what is genuine runs together with others.</summary>
    private async Task<IReadOnlyList<Turn>?> EnterAsync(Turn turn, LeaseBlobs blobs, CancellationToken cancellationToken)
    {
        if (turns.TryEnter())
        {
            return [];
        }

        await blobs.BeGenuineAsync();
        return await turns.EnterAsync(turn, cancellationToken);
    }

    /// <summary>Runs a call and those that it takes along, whose callers wait whatever becomes of this one's.</summary>
    private async Task<CallRun> LeadAsync(
        InputWork work, Turn turn, IReadOnlyList<Turn> along, LeaseBlobs blobs, string provider, CancellationToken cancellationToken)
    {
        try
        {
            await using var seat = new WorkerSeat(pool, turn.Model!.Value);
            if (along.Count == 0)
            {
                return new(await RunInputAsync(seat, work, 0, provider, blobs, turn.Input, cancellationToken), seat.Provider, seat.Library);
            }

            Turn[] together = [turn, .. along];
            var runs = await RunTogetherAsync(seat, work, together, blobs, provider);
            for (var i = together.Length - 1; i >= 0; i--)
            {
                runs[i] ??= await RunInputAsync(seat, work, 0, provider, blobs, together[i].Input, CancellationToken.None);
                together[i].Ran.TrySetResult(new(runs[i]!, seat.Provider, seat.Library));
            }

            return await turn.Ran.Task;
        }
        catch (Exception e)
        {
            foreach (var other in along)
            {
                other.Ran.TrySetException(e is OperationCanceledException ? new LeaseFailedException("the work that it ran with was ended") : e);
            }

            throw;
        }
        finally
        {
            turns.Leave();
        }
    }

    /// <summary>One run of the model for all; null for those that have to run alone.</summary>
    private async Task<InputRun?[]> RunTogetherAsync(WorkerSeat seat, InputWork work, Turn[] together, LeaseBlobs blobs, string provider)
    {
        var runs = new InputRun?[together.Length];
        var model = work.Order.Work.Manifest.Sha256;
        try
        {
            await LoadAsync(seat, work, provider, blobs, CancellationToken.None);

            // The worker runs them alone as well where it checks itself, or where running together did not go well.
            var timeMax = (TimeSpan.FromSeconds(work.Order.Work.Limits.SecondsPerInput) * 2 * together.Length) + pool.Options.RunGrace;
            var reply = await seat.Worker!.AskAsync<RanBatchReply>(
                new RunBatchRequest([.. together.Select(t => t.Input.LongLength)]), [.. together.Select(t => t.Input)], timeMax, ModelLoader.MemoryOf(work.Order.Work, keepFiles: false), CancellationToken.None);
            turns.Learn(model, reply.BatchMax);
            Together(reply.Runs.Count, work.Order.Work.Model.Value);
            for (var i = 0; i < Math.Min(runs.Length, reply.Runs.Count); i++)
            {
                // What timed out on a busy machine gets its second try alone.
                var run = reply.Runs[i];
                runs[i] = run.Output.Error?.Code is ItemErrorCode.TimedOut ? null : new(run.Output, run.ModelMs, null);
            }
        }
        catch (WorkerDiedException e)
        {
            Died(e.Message);
            seat.Leave();
            turns.Learn(model, 1);
        }

        return runs;
    }

    [LoggerMessage(73, LogLevel.Debug, "Ran {Inputs} inputs of {Model} together")]
    private partial void Together(int inputs, string model);
}
