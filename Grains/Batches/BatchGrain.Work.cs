using System.Security.Cryptography;
using System.Text;
using Orleans;
using Orleans.Runtime;
using PiGrid.Batches;
using PiGrid.Grains.Jobs;
using PiGrid.Grains.Storage;

namespace PiGrid.Grains.Batches;

// What the batch's timer does.
internal sealed partial class BatchGrain
{
    // Whether somebody wanted the pump to run again since it began to.
    private bool _isWanted;

    private void StartPump(TimeSpan due)
    {
        _isWanted = true;
        if (_pump is null)
        {
            _pump = this.RegisterGrainTimer(Pump, new GrainTimerCreationOptions { DueTime = due, Period = options.Value.Checkpoint, KeepAlive = true });
        }
        else
        {
            _pump.Change(due, options.Value.Checkpoint);
        }
    }

    /// <summary>Steps on until there is nothing to do but to wait. Each step either changes the record or ends the round.</summary>
    private async Task Pump(CancellationToken cancellationToken)
    {
        _isWanted = false;
        while (Running)
        {
            await Change(now => BatchRules.Age(record.State, now));
            var (before, step) = (record.State, BatchRules.Next(record.State));
            await Perform(step, cancellationToken);
            await Change(now => BatchRules.Finalize(record.State, now));
            if (ReferenceEquals(before, record.State))
            {
                break;
            }
        }

        if (!Running)
        {
            _pump?.Dispose();
            _pump = null;
        }
        else if (!_isWanted && record.State.Times.ExpiresAt - time.GetUtcNow() is var left && left < options.Value.Checkpoint)
        {
            _pump!.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, options.Value.Checkpoint);
        }
    }

    private Task Perform(BatchStep step, CancellationToken cancellationToken) => step switch
    {
        BatchStep.None => Task.CompletedTask,
        BatchStep.Read => Read(cancellationToken),
        BatchStep.Submit => Submit(cancellationToken),
        BatchStep.Wait => Ask(),
        BatchStep.Stop => Stop(),
        BatchStep.Write => WriteFiles(cancellationToken),
    };

    private async Task Read(CancellationToken cancellationToken)
    {
        using var turn = await turns.TakeAsync(cancellationToken);
        if (record.State.State != BatchState.Validating)
        {
            return;
        }

        var plan = await new BatchIntake(_id, record.State, blobs, calls, options.Value).ReadAsync(cancellationToken);
        await Change(now => plan.Errors.Count > 0 ? BatchRules.Fail(record.State, plan.Errors, now) : BatchRules.Begin(record.State, plan, now));
    }

    private async Task Submit(CancellationToken cancellationToken)
    {
        for (var i = 0; i < record.State.Jobs.Count && record.State.State == BatchState.InProgress; i++)
        {
            if (record.State.Jobs[i].State != BatchJobState.Waiting)
            {
                continue;
            }

            var admission = await JobOf(record.State.Jobs[i]).Submit(await SpecOf(i, cancellationToken), cancellationToken);
            await Change(_ => BatchRules.Submitted(record.State, i, admission));
            if (admission.RetryAfter is not null)
            {
                // Full for this requester: the next job that ends, or the next checkpoint, tries again.
                return;
            }
        }
    }

    private async Task<JobSpec> SpecOf(int index, CancellationToken cancellationToken)
    {
        var (job, spec) = (record.State.Jobs[index], record.State.Spec!);
        var inputs = new List<JobInput>(job.Inputs);
        await foreach (var line in PlannedLines.ReadAsync(record.State.Plan, blobs, cancellationToken))
        {
            if (line.Job == index)
            {
                inputs.Add(new JobInput { Name = $"line {line.Line}", Blob = line.Input });
            }
        }

        var isShort = inputs.Count <= JobRules.InputsInRecordMax;
        return new JobSpec
        {
            Model = job.Model,
            Policy = job.Policy,
            Deadline = job.Deadline,
            Placement = job.Placement,
            Inputs = isShort ? inputs : null,
            InputIndex = isShort ? null : await blobs.PutBytesAsync(InputIndex.Write(inputs), cancellationToken),
            Name = $"{_id}, part {index + 1} of {record.State.Jobs.Count}",
            Requester = spec.Requester,
            Batch = _id,
        };
    }

    /// <summary>Asks the jobs how they stand: one may have ended that could not say so.</summary>
    private async Task Ask()
    {
        for (var i = 0; i < record.State.Jobs.Count; i++)
        {
            if (record.State.Jobs[i].State == BatchJobState.Submitted)
            {
                var status = await JobOf(record.State.Jobs[i]).GetStatus();
                await Change(_ => BatchRules.Heard(record.State, i, status));
            }
        }
    }

    private async Task Stop()
    {
        var reason = record.State.TimedOut ? "its batch's completion window is over" : "its batch was cancelled";

        // One whose submission was under way, or was not noted before a crash, is there although it seems to wait.
        foreach (var job in record.State.Jobs.Where(j => j.State is BatchJobState.Submitted or BatchJobState.Waiting).ToArray())
        {
            await JobOf(job).Cancel(reason);
        }

        await Change(_ => BatchRules.StopWaiting(record.State));
        await Ask();
    }

    private async Task WriteFiles(CancellationToken cancellationToken)
    {
        using var turn = await turns.TakeAsync(cancellationToken);
        var (state, output) = (record.State, new BatchOutput(_id, record.State, blobs, calls, GrainFactory));
        try
        {
            var outputs = await output.WriteAsync(outputs: true, blobOptions.Value.BytesMax, cancellationToken);
            var (completed, failed) = (output.Outputs, output.Errors);
            var errors = failed > 0 ? await output.WriteAsync(outputs: false, blobOptions.Value.BytesMax, cancellationToken) : null;
            var files = new BatchFiles(
                completed,
                failed,
                completed > 0 ? await MakeFile(state.Spec!, "output", outputs) : null,
                errors is not null ? await MakeFile(state.Spec!, "error", errors) : null);
            await Change(now => BatchRules.Written(record.State, files, now));
        }
        catch (BlobRejectedException)
        {
            var error = new BatchError("output_too_large", $"The outputs have over {blobOptions.Value.BytesMax} bytes (option Blobs:BytesMax): split the file. They can be read from the batch's jobs.");
            await Change(now => BatchRules.Fail(record.State, new[] { error }, now));
        }
    }

    private async Task<FileId> MakeFile(BatchSpec spec, string what, BlobRef blob)
    {
        var now = time.GetUtcNow();
        var retention = spec.OutputsExpireAfter ?? (options.Value.FileRetention > TimeSpan.Zero ? options.Value.FileRetention : null);
        var id = FileId.FromBytes(SHA256.HashData(Encoding.ASCII.GetBytes($"{what}\n{_id}")).AsSpan(0, 16));
        await GrainFactory.GetGrain<IFileGrain>(id.Value).Create(new StoredFile
        {
            Id = id,
            Name = $"{_id}_{what}.jsonl",
            Purpose = FilePurpose.BatchOutput,
            Blob = blob,
            CreatedAt = now,
            ExpiresAt = now + retention,
            Requester = spec.Requester,
        });
        return id;
    }
}
