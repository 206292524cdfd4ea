using PiGrid.Grains.Nodes;
using PiGrid.Grains.Shards;
using PiGrid.Grains.Time;

namespace PiGrid.Tests.Simulation;

/// <summary>
/// The silo: activations by their keys, and messages between them. A crash ends all of that at once; what is in the <see cref="DurableStore"/> stays.
/// </summary>
internal sealed class VirtualSilo(VirtualGrid grid)
{
    private readonly Dictionary<ShardId, VirtualShard> _shards = [];
    private readonly Dictionary<NodeId, VirtualNode> _nodes = [];
    private readonly Dictionary<JobId, VirtualJob> _jobs = [];
    private VirtualDispatcher? _dispatcher;
    private bool _storeFails;
    private TimeProvider _time = TimeProvider.System;

    /// <summary>The grid that it serves.</summary>
    public VirtualGrid Grid { get; } = grid;

    /// <summary>Whether it runs.</summary>
    public bool IsUp { get; private set; }

    /// <summary>How far its clock is off.</summary>
    public TimeSpan ClockError { get; set; }

    /// <summary>The instant by its clock.</summary>
    public DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>When it started.</summary>
    public SiloStart StartedAt { get; private set; } = new(default);

    /// <summary>Its dispatcher.</summary>
    public VirtualDispatcher Dispatcher => _dispatcher ??= new VirtualDispatcher(this);

    /// <summary>Starts it: open jobs are resumed, as the silo's start-up does.</summary>
    public void Start()
    {
        IsUp = true;
        _time = new SteadyTime(new WallClock(this));
        StartedAt = new SiloStart(Now);
        _ = Dispatcher;
        ResumeOpen();
    }

    /// <summary>The store was used: when it fails no more, what was forgotten over it goes on.</summary>
    public void Heard(bool failed)
    {
        var returns = _storeFails && !failed;
        _storeFails = failed;
        if (returns)
        {
            ResumeOpen();
        }
    }

    /// <summary>Wakes the jobs that the registry calls open: at the start, and when a store that failed can be used again.</summary>
    public void ResumeOpen()
    {
        foreach (var (job, _) in Grid.Store.Registry.Where(entry => entry.Value).ToArray())
        {
            ToJob(job, j => j.Resume());
        }
    }

    /// <summary>Everything in memory is gone.</summary>
    public void Crash()
    {
        IsUp = false;
        foreach (var grain in _shards.Values.Cast<VirtualGrain>().Concat(_nodes.Values).Concat(_jobs.Values).Append(_dispatcher!))
        {
            grain.IsGone = true;
        }

        _shards.Clear();
        _nodes.Clear();
        _jobs.Clear();
        _dispatcher = null;
        Grid.Watch.SiloCrashed();
    }

    /// <summary>Ends one activation, which starts over with the next message.</summary>
    public void Forget(ShardId id)
    {
        if (_shards.Remove(id, out var shard))
        {
            shard.IsGone = true;
        }
    }

    /// <inheritdoc cref="Forget(ShardId)"/>
    public void Forget(JobId id)
    {
        if (_jobs.Remove(id, out var job))
        {
            job.IsGone = true;
        }
    }

    /// <summary>Ends the activation of any shard.</summary>
    public void ForgetAny(SimRandom random)
    {
        if (_shards.Count > 0)
        {
            Forget(_shards.Keys.ElementAt(random.Below(_shards.Count)));
        }
    }

    /// <summary>The job's activation.</summary>
    public VirtualJob Job(JobId id)
    {
        if (!_jobs.TryGetValue(id, out var job))
        {
            _jobs.Add(id, job = new VirtualJob(this, id));
        }

        return job;
    }

    /// <summary>The node's activation.</summary>
    public VirtualNode Node(NodeId id)
    {
        if (!_nodes.TryGetValue(id, out var node))
        {
            _nodes.Add(id, node = new VirtualNode(this, id));
        }

        return node;
    }

    /// <summary>A message to a shard.</summary>
    public void ToShard(ShardId id, ShardEvent happened) => Send(() => Shard(id), s => s.Apply(happened));

    /// <summary>A message to a job.</summary>
    public void ToJob(JobId id, Action<VirtualJob> call) => Send(() => Job(id), call);

    /// <summary>A message to the dispatcher.</summary>
    public void ToDispatcher(Action<VirtualDispatcher> call) => Send(() => Dispatcher, call);

    /// <summary>A message to a node's grain.</summary>
    public void ToNode(NodeId id, Action<VirtualNode> call) => Send(() => Node(id), call);

    /// <summary>A call of a node's grain, which its caller waits for.</summary>
    /// <returns>Whether it arrives.</returns>
    public bool CallNode(NodeId id, Action<VirtualNode> call)
    {
        if (Grid.LosesCall())
        {
            return false;
        }

        Post(() => Node(id), call);
        return true;
    }

    /// <summary>The answer to a call.</summary>
    /// <returns>Whether it arrives.</returns>
    public bool Answer(VirtualGrain caller, Action answer)
    {
        if (Grid.LosesCall())
        {
            return false;
        }

        Post(() => caller, _ => answer());
        return true;
    }

    private VirtualShard Shard(ShardId id)
    {
        if (!_shards.TryGetValue(id, out var shard))
        {
            _shards.Add(id, shard = new VirtualShard(this, id));
        }

        return shard;
    }

    private void Send<T>(Func<T> find, Action<T> call)
        where T : VirtualGrain
    {
        if (Grid.LosesCall())
        {
            return;
        }

        Post(find, call);
        if (Grid.RepeatsCall())
        {
            Post(find, call);
        }
    }

    private void Post<T>(Func<T> find, Action<T> call)
        where T : VirtualGrain
    {
        var started = StartedAt;
        Grid.Queue.After(Grid.CallTime(), () =>
        {
            if (IsUp && ReferenceEquals(started, StartedAt))
            {
                var grain = find();
                grain.Deliver(() => call(grain));
            }
        });
    }

    /// <summary>The clock of the silo's machine.</summary>
    private sealed class WallClock(VirtualSilo silo) : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => silo.Grid.Queue.Now + silo.ClockError;

        public override long GetTimestamp() => silo.Grid.Queue.Elapsed.Ticks;
    }
}
