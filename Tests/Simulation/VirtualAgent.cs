using PiGrid.Protocol;

namespace PiGrid.Tests.Simulation;

/// <summary>
/// A node's program: takes leases, works on them, keeps results until their verdicts, and reports all of that when it connects again. Its state is
/// that of the real agent: what it works on is lost when it dies, its results are not.
/// </summary>
internal sealed class VirtualAgent
{
    private static readonly TimeSpan ResultsKept = TimeSpan.FromDays(1);
    private static readonly TimeSpan ResendFirst = TimeSpan.FromSeconds(15);

    private readonly VirtualGrid _grid;
    private readonly NodePlan _plan;
    private readonly SimRandom _random;
    private readonly TimeSpan _way;
    private readonly Dictionary<LeaseId, Working> _working = [];
    private readonly Dictionary<LeaseId, Finished> _results = [];
    private readonly VirtualTimer _beat;
    private readonly VirtualTimer _retry;
    private VirtualLink? _link;
    private bool _isOpen;
    private int _failures;
    private int _life;
    private DateTimeOffset _frozenUntil;
    private DateTimeOffset _stalledUntil;

    public VirtualAgent(VirtualGrid grid, int number, NodePlan plan)
    {
        (_grid, Number, _plan) = (grid, number, plan);
        _random = SimRandom.Of(grid.Plan.Seed, 2, number);
        _way = _random.Between(grid.Plan.LinkMin, grid.Plan.LinkMax);
        Id = NodeId.FromBytes(_random.Bytes16());
        Owner = OwnerId.FromBytes(SimRandom.Of(grid.Plan.Seed, 3, plan.Owner).Bytes16());
        Profile = new NodeProfile
        {
            AgentVersion = "0.1.0",
            Os = "linux",
            Architecture = "x64",
            HardwareClass = plan.HardwareClass,
            Cores = plan.Slots,
            MemoryMib = 8192,
            Slots = plan.Slots,
            Providers = [],
            Library = "onnxruntime 1.30.0",
            Speed = 100,
        };
        _beat = new VirtualTimer(grid.Queue, () => Awake(Beat));
        _retry = new VirtualTimer(grid.Queue, () => Awake(Connect));
    }

    /// <summary>Its place among the nodes.</summary>
    public int Number { get; }

    /// <summary>Its id.</summary>
    public NodeId Id { get; }

    /// <summary>Who answers for it.</summary>
    public OwnerId Owner { get; }

    /// <summary>What it says of itself.</summary>
    public NodeProfile Profile { get; }

    /// <summary>Whether it runs.</summary>
    public bool IsOn { get; private set; }

    /// <summary>Whether it runs and is not frozen.</summary>
    public bool IsAwake => IsOn && _frozenUntil <= _grid.Queue.Now;

    /// <summary>When it last spoke to the silo: its newest heartbeat, or its connecting.</summary>
    public DateTimeOffset SpokeAt { get; private set; }

    /// <summary>Leases that it works on.</summary>
    public int Busy => _working.Count;

    /// <summary>Results without a verdict.</summary>
    public int Kept => _results.Count;

    /// <summary>Whether it cannot reach the silo.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>Its program starts.</summary>
    public void Start()
    {
        if (!IsOn)
        {
            IsOn = true;
            _failures = 0;
            Connect();
        }
    }

    /// <summary>Its program dies: the machine's system closes the connection; results are on disk.</summary>
    public void Kill()
    {
        if (!IsOn)
        {
            return;
        }

        IsOn = false;
        _life++;
        _working.Clear();
        _beat.Stop();
        _retry.Stop();
        _frozenUntil = default;
        _link?.Abandon();
        _link?.Cut(atSilo: IsCutOff ? null : _way, atAgent: null);
        _link = null;
        _isOpen = false;
    }

    /// <summary>Nothing of it runs for a while; then it goes on where it was.</summary>
    public void Freeze(TimeSpan time)
    {
        if (IsOn && _frozenUntil <= _grid.Queue.Now)
        {
            _frozenUntil = _grid.Queue.Now + time;
            foreach (var working in _working.Values)
            {
                working.EndsAt += time;
            }
        }
    }

    /// <summary>The connection breaks, if there is one.</summary>
    public void CutLink(TimeSpan? atSilo, TimeSpan? atAgent) => _link?.Cut(atSilo, atAgent);

    /// <summary>A message of the grid.</summary>
    public void Receive(VirtualLink link, NodeMessage message) => Awake(() =>
    {
        if (link == _link)
        {
            Handle(message);
        }
    });

    /// <summary>The connection is over.</summary>
    public void Lost(VirtualLink link) => Awake(() =>
    {
        if (link == _link)
        {
            (_link, _isOpen) = (null, false);
            _beat.Stop();
            TryAgain();
        }
    });

    /// <summary>Nothing happens inside a frozen machine until it thaws, nor in one that is off.</summary>
    private void Awake(Action act)
    {
        var life = _life;
        if (_frozenUntil > _grid.Queue.Now)
        {
            _grid.Queue.After(_frozenUntil - _grid.Queue.Now, () =>
            {
                if (life == _life)
                {
                    Awake(act);
                }
            });
        }
        else if (IsOn)
        {
            act();
        }
    }

    private void Connect()
    {
        if (!_grid.Silo.IsUp || IsCutOff)
        {
            _failures++;
            TryAgain();
            return;
        }

        var link = _link = new VirtualLink(_grid, this, _way);
        SpokeAt = _grid.Queue.Now;
        var connection = new NodeConnection
        {
            Session = link.Session,
            Gateway = link,
            Profile = Profile,
            Heartbeat = Report() with { CachedModels = Array.Empty<Sha256>() },
            Leases = _working.Values.Select(w => new SignedLease(w.Lease, [])).Concat(_results.Values.Select(r => r.Result.Lease)).ToArray(),
        };

        // The handshake before took as long again.
        _grid.Queue.After(_way * 2, () => link.Up(node =>
        {
            var stop = node.Connect(link, connection);
            link.Down(() => Awake(() => Welcome(link, stop)));
        }));

        // It waits for so long for an answer.
        _grid.Queue.After(TimeSpan.FromSeconds(15), () => Awake(() =>
        {
            if (link == _link && !_isOpen)
            {
                link.Abandon();
                link.Cut(_way, null);
                _link = null;
                TryAgain();
            }
        }));
    }

    private void Welcome(VirtualLink link, IReadOnlyList<LeaseId> stop)
    {
        if (link != _link || _isOpen)
        {
            return;
        }

        _isOpen = true;
        _failures = 0;
        foreach (var lease in stop)
        {
            _working.Remove(lease);
        }

        foreach (var expired in _results.Values.Where(r => r.Result.Lease.Lease.Deadline + ResultsKept < _grid.Queue.Now).ToArray())
        {
            _results.Remove(expired.Result.Lease.Lease.Id);
        }

        foreach (var finished in _results.Values)
        {
            finished.Sent = 0;
            Send(finished);
        }

        _beat.Set(_grid.Plan.Nodes.Heartbeat);
    }

    private void TryAgain()
    {
        var longest = Math.Min(60_000, 500 * Math.Pow(2, Math.Min(_failures, 10)));
        _retry.Set(TimeSpan.FromMilliseconds(longest * (0.5 + (_random.Unit() / 2))));
    }

    private void Beat()
    {
        if (_link is { } link && _isOpen)
        {
            var report = Report();
            SpokeAt = _grid.Queue.Now;
            link.Up(node => node.Heartbeat(link.Session, report));
            foreach (var finished in _results.Values.Where(r => r.SendAt <= _grid.Queue.Now))
            {
                Send(finished);
            }

            _beat.Set(_grid.Plan.Nodes.Heartbeat);
        }
    }

    private NodeHeartbeat Report() => new()
    {
        FreeSlots = Math.Max(0, _plan.Slots - _working.Count),
        Leases = _working.Count == 0 ? null : _working.Keys.Select(lease => new LeaseProgress(lease, 0)).ToArray(),
    };

    private void Handle(NodeMessage message)
    {
        switch (message)
        {
            case AssignMessage assign:
                Take(assign.Assignment);
                break;
            case CancelMessage cancel:
                _working.Remove(cancel.Lease);
                break;
            case RenewMessage { Lease.Lease: var renewed }:
                if (_working.TryGetValue(renewed.Id, out var working))
                {
                    working.Lease = renewed;
                }

                break;
            case VerdictMessage verdict:
                if (_results.Remove(verdict.Lease, out var finished))
                {
                    Watch.Told(finished.IsRight, verdict);
                }

                break;
            default:
                break;
        }
    }

    private void Take(Assignment assignment)
    {
        var id = assignment.Lease.Lease.Id;
        if (_working.ContainsKey(id) || _results.ContainsKey(id))
        {
            Say(id, ReplicaState.Accepted, null);
            return;
        }

        if (_working.Count >= _plan.Slots || _random.Chance(_plan.Declines))
        {
            Say(id, ReplicaState.Declined, "no slot is free");
            return;
        }

        Say(id, ReplicaState.Accepted, null);
        var (work, stall) = _grid.ServiceTime(assignment.Lease.Lease.Shard);
        var start = _grid.Queue.Now;
        if (_grid.Plan.Service.StallsAreOfNodes)
        {
            _stalledUntil = stall > TimeSpan.Zero && start + stall > _stalledUntil ? start + stall : _stalledUntil;
            start = _stalledUntil > start ? _stalledUntil : start;
            stall = TimeSpan.Zero;
        }

        var working = new Working(assignment, _grid.Queue.Now) { EndsAt = start + (work * _plan.Slowness) + stall };
        _working.Add(id, working);
        Await(working);
    }

    /// <summary>The work ends, or its time is over.</summary>
    private void Await(Working working)
    {
        var next = working.EndsAt < working.Deadline ? working.EndsAt : working.Deadline;
        _grid.Queue.After(next - _grid.Queue.Now, () => Awake(() => Finish(working)));
    }

    private void Finish(Working working)
    {
        var id = working.Assignment.Lease.Lease.Id;
        if (!_working.TryGetValue(id, out var current) || current != working)
        {
            return;
        }

        var isLate = working.Deadline <= _grid.Queue.Now;
        if (!isLate && working.EndsAt > _grid.Queue.Now)
        {
            // It was frozen, or its lease renewed, meanwhile.
            Await(working);
            return;
        }

        _working.Remove(id);
        if (isLate || _random.Chance(_plan.Fails))
        {
            Say(id, ReplicaState.Failed, isLate ? "the lease's deadline passed before the work was done" : "the worker died");
            return;
        }

        var finished = Finished.Of(working.Assignment, Profile, _random.Chance(_plan.Wrong) ? _random.Next() : null, _random.Chance(_plan.Garbles));
        _results[id] = finished;
        Send(finished);
    }

    private void Say(LeaseId lease, ReplicaState state, string? reason)
    {
        if (_link is { } link && _isOpen)
        {
            link.Up(node => node.LeaseChanged(link.Session, lease, state, reason));
        }
    }

    private void Send(Finished finished)
    {
        if (_link is { } link && _isOpen)
        {
            link.Up(node => node.Result(finished.Result, finished.Output, finished.Problem));
            var longest = Math.Min(_grid.Plan.Nodes.ResultResendMax.TotalSeconds, ResendFirst.TotalSeconds * Math.Pow(2, Math.Min(finished.Sent, 10)));
            finished.Sent++;
            finished.SendAt = _grid.Queue.Now + TimeSpan.FromSeconds(longest * (0.5 + (_random.Unit() / 2)));
        }
    }

    private sealed class Working(Assignment assignment, DateTimeOffset receivedAt)
    {
        public Assignment Assignment { get; } = assignment;

        public Lease Lease { get; set; } = assignment.Lease.Lease;

        public DateTimeOffset EndsAt { get; set; }

        public DateTimeOffset Deadline => receivedAt + (Lease.Deadline - Lease.IssuedAt);
    }
}
