using Orleans;
using Orleans.Runtime;

namespace PiGrid.Grains.Jobs;

// How a running job goes on: a window of shards kept open, their outcomes counted, the tail hurried.
internal sealed partial class JobGrain
{
    public async Task Resume()
    {
        if (Running)
        {
            // All in the window, also those that it knows to be open: after an outage of the store their grains have forgotten. The first round is
            // waited for, so that after a restart a few jobs open their shards at a time.
            _opened.Clear();
            StartPump(Checkpoint);
            await Pump(CancellationToken.None);
        }
        else if (!Exists)
        {
            // The silo stopped between entering the job and writing it: nobody was told that it is accepted.
            await Registry.Remove(_id.Value);
        }
        else
        {
            // The silo stopped, or the disk was full, between the job's end and what follows from it.
            await Conclude();
        }
    }

    public async Task ShardClosed(ShardOutcome outcome)
    {
        if (Exists && !Running)
        {
            await HearLate(outcome);
            return;
        }

        if (!Running || (!JobRules.IsAdaptive(record.State) && record.State.Progress.IsClosed(outcome.Index)))
        {
            return;
        }

        await Queue(outcome.Index, null);
        var checks = await HearOfChecks(outcome);
        if (record.State.Progress.IsClosed(outcome.Index))
        {
            _dirty = true;
            await Send(checks);
            await DeliverIfSettled();
            return;
        }

        _events.Add(new JobEvent
        {
            At = outcome.At,
            Kind = outcome.Accepted ? JobEventKind.ShardAccepted : JobEventKind.ShardFailed,
            Shard = outcome.Index,
            Detail = outcome.Error,
        });
        _opened.Remove(outcome.Index);
        var next = JobRules.Close(record.State, outcome, time.GetUtcNow());
        if (next.State != JobState.Running)
        {
            await End(next);
            return;
        }

        record.State = next;
        _dirty = true;
        await Send(checks);
        await DeliverIfSettled();
        if (!Running)
        {
            return;
        }

        await HurryInTheTail();
        if (JobRules.WantsMoreOpen(next, _opened.Count, options.Value))
        {
            _pump?.Change(TimeSpan.Zero, Checkpoint);
        }
    }

    private void StartPump(TimeSpan first)
    {
        _checkpointAt = time.GetUtcNow();
        _pump ??= this.RegisterGrainTimer(
            Pump,
            new GrainTimerCreationOptions { DueTime = first, Period = Checkpoint, KeepAlive = true });
    }

    /// <summary>Opens what the window lacks; at every checkpoint also writes progress and opens again what is still open.</summary>
    private async Task Pump(CancellationToken cancellationToken)
    {
        if (!Running)
        {
            await (Exists ? Conclude() : Task.CompletedTask);
            return;
        }

        var now = time.GetUtcNow();
        var aged = JobRules.Age(record.State, now);
        if (aged.State != JobState.Running)
        {
            await End(aged);
            return;
        }

        if (now - _checkpointAt >= Checkpoint)
        {
            _checkpointAt = now;
            _opened.Clear();
            _hurried = false;
            await RemindOfChecks();
            if (!Running)
            {
                return;
            }

            if (_dirty)
            {
                _dirty = false;
                await Write();
            }
        }

        await EnsureInputs(cancellationToken);
        await LookForOperators();
        foreach (var shard in JobRules.Window(record.State, options.Value.OpenShardsMax).Where(s => !_opened.Contains(s)).ToArray())
        {
            _opened.Add(shard);
            await ShardOf(shard).Open(await ShardSpecOf(shard, cancellationToken));
        }

        await HurryInTheTail();
        if (record.State.Spec!.Deadline is { } deadline && deadline - now is var left && left < Checkpoint)
        {
            _pump!.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Checkpoint);
        }
    }

    private async Task HurryInTheTail()
    {
        if (_hurried || !JobRules.IsTail(record.State, options.Value))
        {
            return;
        }

        // Every shard that is left is inside the window by now, or is told when the pump has opened it.
        _hurried = JobRules.Window(record.State, options.Value.OpenShardsMax).All(_opened.Contains);
        foreach (var shard in _opened)
        {
            await ShardOf(shard).Hurry();
        }
    }

    private async Task<ShardSpec> ShardSpecOf(int shard, CancellationToken cancellationToken)
    {
        var (first, count) = JobRules.InputsOf(record.State, shard);
        var inputs = count > 0 ? await _inputs!.ReadAsync(first, count, cancellationToken) : [];
        return new ShardSpec
        {
            Id = new ShardId(_id, shard),
            Inputs = inputs.Select((input, i) => new ShardInput { Index = first + i, Blob = input.Blob! }).ToArray(),
            Work = record.State.Work!,
            Policy = record.State.Policy,
            Comparator = record.State.Comparator!,
            Deadline = record.State.Spec!.Deadline,
            Requester = record.State.Spec.Requester ?? "",
            Priority = record.State.Spec.Priority,
            Audits = _hasOperator,
            Ringer = IsRinger(),
            AtOnce = JobRules.AtOnce(record.State, time.GetUtcNow()),
            Placement = record.State.Spec.Placement,
            Trace = shard < options.Value.TracedShardsMax ? record.State.Spec.Trace : null,
        };
    }
}
