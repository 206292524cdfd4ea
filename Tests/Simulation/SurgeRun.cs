using PiGrid.Grains.Admission;

namespace PiGrid.Tests.Simulation;

/// <summary>
/// A grid at a steady load, on which twenty times as many jobs come for a while, or to which twenty times as many nodes connect at once. Jobs enter
/// through <see cref="AdmissionBook"/>; who is sent away comes again after the time that it was told.
/// </summary>
internal sealed class SurgeRun
{
    private const int ShardsOfJob = 4;
    private const int Times = 20;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(10);

    private readonly VirtualGrid _grid;
    private readonly VirtualClient _client;
    private readonly AdmissionBook _book;
    private readonly SimRandom _random;
    private readonly HashSet<JobId> _open = [];
    private readonly Dictionary<JobId, JobId> _tickets = [];
    private readonly List<SurgePhase> _phases = [];
    private readonly TimeSpan _phase;
    private readonly double _baseRate;
    private readonly int _nodes;
    private double _rate;
    private int _waiting;
    private bool _comes = true;
    private SurgePhase _now = new();

    private SurgeRun(ulong seed, int nodes, AdmissionOptions admission, TimeSpan phase, bool ofNodes)
    {
        (_nodes, _phase) = (nodes, phase);
        var service = TimeSpan.FromSeconds(10);
        _grid = new VirtualGrid(new GridPlan
        {
            Seed = seed,
            Machines = Enumerable.Range(0, ofNodes ? nodes * Times : nodes)
                .Select(i => new NodePlan { Owner = i }).ToArray(),
            Service = new ServiceTimes { Median = service, Sigma = 0.3 },
        });
        _client = new VirtualClient(_grid) { LooksAtJobs = false };
        _book = new AdmissionBook(admission);
        _random = SimRandom.Of(seed, 13);

        // Half of what the nodes can do.
        _rate = _baseRate = nodes / service.TotalSeconds / ShardsOfJob / 2;
        _grid.Watch.OnJobEnded = (job, _) =>
        {
            var ticket = _tickets[job];
            _book.Leave(ticket, _grid.Queue.Now);
            _open.Remove(ticket);
            _now.Ended++;
        };
    }

    /// <summary>Runs it.</summary>
    /// <returns>What happened before, during and after the surge, and until all was done.</returns>
    public static IReadOnlyList<SurgePhase> Of(ulong seed, int nodes, AdmissionOptions admission, TimeSpan phase, bool ofNodes) =>
        new SurgeRun(seed, nodes, admission, phase, ofNodes).Run(ofNodes);

    private List<SurgePhase> Run(bool ofNodes)
    {
        var start = _grid.Queue.Now;
        _grid.Start();

        // The nodes of the surge are off until it comes.
        _grid.Queue.After(TimeSpan.FromSeconds(1), () =>
        {
            foreach (var agent in _grid.Agents.Skip(_nodes))
            {
                agent.Kill();
            }
        });
        _grid.Queue.After(Step, Come);
        _grid.Queue.After(Step, Look);
        Until(start + _phase, "before");
        if (ofNodes)
        {
            // In one instant, as after a failure of the network.
            foreach (var agent in _grid.Agents.Skip(_nodes))
            {
                agent.Start();
            }
        }
        else
        {
            _rate = _baseRate * Times;
        }

        Until(start + (_phase * 2), "during");
        _rate = _baseRate;
        Until(start + (_phase * 3), "after");
        _comes = false;
        while (_open.Count > 0 || _waiting > 0)
        {
            Invariants.Require(_grid.Queue.RunNext(start + TimeSpan.FromDays(2)), $"{_open.Count} accepted jobs never ended.");
        }

        _client.CheckAllOver();
        End("until all is done", start + (_phase * 3));
        return _phases;
    }

    private void Come()
    {
        if (_comes)
        {
            Enter(JobId.FromBytes(_random.Bytes16()));
            _grid.Queue.After(_random.Exponential(TimeSpan.FromSeconds(1 / _rate)), Come);
        }
    }

    private void Enter(JobId ticket)
    {
        _now.Asked++;
        var entry = _book.Enter(ticket, "requester");
        if (entry.RetryAfter is { } later)
        {
            _now.SentAway++;
            Invariants.Require(later > TimeSpan.Zero, "Who is sent away is told no time.");
            _waiting++;
            _grid.Queue.After(later * (1 + _random.Unit()), () =>
            {
                _waiting--;
                Enter(ticket);
            });
            return;
        }

        _open.Add(ticket);
        _client.Submit(ShardsOfJob, VerificationPolicy.None, accepted: id => _tickets[id] = ticket);
    }

    private void Look()
    {
        _now.OpenMax = Math.Max(_now.OpenMax, _open.Count);
        _now.WaitingMax = Math.Max(_now.WaitingMax, _grid.Silo.Dispatcher.Board.Waiting);
        if (_comes || _open.Count > 0)
        {
            _grid.Queue.After(Step, Look);
        }
    }

    private void Until(DateTimeOffset end, string name)
    {
        var start = _grid.Queue.Now;
        while (_grid.Queue.RunNext(end))
        {
        }

        End(name, start);
    }

    private void End(string name, DateTimeOffset start)
    {
        _now.Name = name;
        _now.Lasted = _grid.Queue.Now - start;
        _phases.Add(_now);
        _now = new SurgePhase();
    }
}

/// <summary>What happened in a part of the run.</summary>
internal sealed class SurgePhase
{
    /// <summary>Which part.</summary>
    public string Name { get; set; } = "";

    /// <summary>How long it was.</summary>
    public TimeSpan Lasted { get; set; }

    /// <summary>Submissions, those that come again included.</summary>
    public int Asked { get; set; }

    /// <summary>Those of them that were sent away with a time.</summary>
    public int SentAway { get; set; }

    /// <summary>Jobs that ended.</summary>
    public int Ended { get; set; }

    /// <summary>The most jobs open at once.</summary>
    public int OpenMax { get; set; }

    /// <summary>The most replicas that waited for a node at once.</summary>
    public int WaitingMax { get; set; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Name}: {Lasted}, {Asked} asked, {SentAway} sent away, {Ended} ended ({EndedAnHour:0} an hour), at most {OpenMax} open and {WaitingMax} replicas waiting";

    /// <summary>Jobs that ended in an hour.</summary>
    public double EndedAnHour => Lasted > TimeSpan.Zero ? Ended / Lasted.TotalHours : 0;
}
