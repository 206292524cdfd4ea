using PiGrid.Grains.Jobs;
using PiGrid.Grains.Shards;
using PiGrid.Models;

namespace PiGrid.Tests.Simulation;

/// <summary>Applies <see cref="JobRules"/> as the job's grain does.</summary>
internal sealed class VirtualJob : VirtualGrain
{
    private static readonly TimeSpan Checkpoint = TimeSpan.FromSeconds(30);
    private static readonly BlobRef Input = new(Sha256.Of([1]), 1);

    private readonly JobId _id;
    private readonly HashSet<int> _opened = [];
    private readonly VirtualTimer _pump;
    private JobRecord _record;
    private DateTimeOffset _checkpointAt;
    private bool _dirty;
    private bool _hurried;

    public VirtualJob(VirtualSilo silo, JobId id)
        : base(silo)
    {
        _id = id;
        _pump = Timer(Pump);
        _record = silo.Grid.Store.Jobs.GetValueOrDefault(id) ?? new JobRecord();
        if (Running)
        {
            StartPump(Checkpoint);
        }
    }

    private bool Exists => _record.Spec is not null;

    private bool Running => Exists && _record.State == JobState.Running;

    private JobOptions Options => Silo.Grid.Plan.Jobs;

    /// <summary>The state that callers see; null when there is no such job.</summary>
    public JobState? State => Exists ? _record.State : null;

    /// <summary>Begins the job; <paramref name="accepted"/> hears when it is durable.</summary>
    public void Submit(JobSpec spec, ModelWork model, int inputs, Action accepted)
    {
        if (Exists)
        {
            // The first answer may have been a failure: the record was stored, its entry was not.
            Write(() => Silo.Grid.Store.Enter(_id, open: true), accepted, StartOver);
            return;
        }

        _record = JobRules.Accept(spec, model, inputs, Now, Options);

        // The entry and the record are written at once, and land in either order.
        var left = 2;
        void Landed()
        {
            if (--left == 0)
            {
                StartPump(TimeSpan.Zero);
                accepted();
            }
        }

        var (id, record) = (_id, _record);
        Write(() => Silo.Grid.Store.Put(id, record), Landed, StartOver);
        Write(() => Silo.Grid.Store.Enter(id, open: true), Landed, StartOver);
    }

    public void Resume()
    {
        if (Running)
        {
            _opened.Clear();
            StartPump(Checkpoint);
            Pump();
        }
        else if (!Exists)
        {
            Silo.Grid.Store.Leave(_id);
        }
        else
        {
            Leave();
        }
    }

    public void ShardClosed(ShardOutcome outcome)
    {
        if (!Running || _record.Progress.IsClosed(outcome.Index))
        {
            return;
        }

        Silo.Grid.Watch.ShardClosed(_id, outcome);
        _opened.Remove(outcome.Index);
        var next = JobRules.Close(_record, outcome, Now);
        if (next.State != JobState.Running)
        {
            End(next);
            return;
        }

        _record = next;
        _dirty = true;
        HurryInTheTail();
        if (JobRules.WantsMoreOpen(next, _opened.Count, Options))
        {
            _pump.Set(TimeSpan.Zero);
        }
    }

    public void Cancel(string reason)
    {
        if (Running)
        {
            End(JobRules.End(_record, JobState.Cancelled, reason, Now));
        }
    }

    /// <summary>A write failed: what is in memory is not what is stored.</summary>
    private void StartOver() => Silo.Forget(_id);

    private void StartPump(TimeSpan first)
    {
        _checkpointAt = Now;
        _pump.Set(first);
    }

    private void Pump()
    {
        if (!Running)
        {
            return;
        }

        _pump.Set(Checkpoint);
        var now = Now;
        var aged = JobRules.Age(_record, now);
        if (aged.State != JobState.Running)
        {
            End(aged);
            return;
        }

        if (now - _checkpointAt >= Checkpoint)
        {
            _checkpointAt = now;
            _opened.Clear();
            _hurried = false;
            if (_dirty)
            {
                _dirty = false;
                var (id, record) = (_id, _record);
                Write(() => Silo.Grid.Store.Put(id, record), Fill, StartOver);
                return;
            }
        }

        Fill();
    }

    private void Fill()
    {
        foreach (var shard in JobRules.Window(_record, Options.OpenShardsMax))
        {
            if (_opened.Add(shard))
            {
                Silo.ToShard(new ShardId(_id, shard), new ShardEvent.Opened(SpecOf(shard)));
            }
        }

        HurryInTheTail();
        if (_record.Spec!.Deadline is { } deadline && deadline - Now is var left && left < Checkpoint)
        {
            _pump.Set(left);
        }
    }

    private void HurryInTheTail()
    {
        if (_hurried || !JobRules.IsTail(_record, Options))
        {
            return;
        }

        _hurried = JobRules.Window(_record, Options.OpenShardsMax).All(_opened.Contains);
        foreach (var shard in _opened)
        {
            Silo.ToShard(new ShardId(_id, shard), new ShardEvent.Hurried());
        }
    }

    private ShardSpec SpecOf(int shard)
    {
        var (first, count) = JobRules.InputsOf(_record, shard);
        var inputs = new ShardInput[count];
        for (var i = 0; i < count; i++)
        {
            inputs[i] = new ShardInput { Index = first + i, Blob = Input };
        }

        return new ShardSpec
        {
            Id = new ShardId(_id, shard),
            Inputs = inputs,
            Work = _record.Work!,
            Policy = _record.Policy,
            Comparator = _record.Comparator!,
            Deadline = _record.Spec!.Deadline,
            Requester = _record.Spec.Requester ?? "",
            Priority = _record.Spec.Priority,
        };
    }

    private void End(JobRecord ended)
    {
        _record = ended;
        Write(
            () => Silo.Grid.Store.Put(_id, ended),
            () =>
            {
                Silo.Grid.Watch.JobEnded(_id, ended);
                _pump.Stop();
                foreach (var shard in _opened)
                {
                    Silo.ToShard(new ShardId(_id, shard), new ShardEvent.Abandoned(ended.Error ?? "the job is over"));
                }

                _opened.Clear();
                Leave();
            },
            StartOver);
    }

    private void Leave() => Write(() => Silo.Grid.Store.Enter(_id, open: false), () => { }, () => { });
}
