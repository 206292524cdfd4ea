namespace PiGrid.Tests.Simulation;

/// <summary>What can go wrong.</summary>
internal enum FaultKind
{
    /// <summary>The silo dies, and starts again a little later.</summary>
    SiloCrash,

    /// <summary>A node's program dies, and starts again a little later.</summary>
    NodeKill,

    /// <summary>A node does nothing for a while, its connection open.</summary>
    NodeFreeze,

    /// <summary>A connection breaks, and both ends know.</summary>
    LinkCut,

    /// <summary>A connection breaks, and neither end knows.</summary>
    LinkSilence,

    /// <summary>Half of the nodes cannot reach the silo for a while.</summary>
    Split,

    /// <summary>The silo's clock jumps.</summary>
    ClockJump,

    /// <summary>Most durable writes fail for a while.</summary>
    DiskFull,

    /// <summary>All messages take long for a while.</summary>
    Slowness,

    /// <summary>A shard's activation is lost.</summary>
    ActivationLoss,
}

/// <summary>Faults at random until a given instant; then everything is mended.</summary>
internal sealed class FaultStorm(VirtualGrid grid, SimRandom random, TimeSpan lasts, IReadOnlyDictionary<FaultKind, TimeSpan> meanIntervals)
{
    private readonly Dictionary<FaultKind, int> _counts = [];
    private bool _isOver;

    /// <summary>Faults so far.</summary>
    public IReadOnlyDictionary<FaultKind, int> Counts => _counts;

    /// <summary>Begins.</summary>
    public void Start()
    {
        foreach (var (kind, mean) in meanIntervals.OrderBy(entry => entry.Key))
        {
            Next(kind, mean);
        }

        grid.Queue.After(lasts, Mend);
    }

    private void Next(FaultKind kind, TimeSpan mean) => grid.Queue.After(random.Exponential(mean), () =>
    {
        if (!_isOver)
        {
            _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
            Strike(kind);
            Next(kind, mean);
        }
    });

    private void Strike(FaultKind kind)
    {
        var agent = grid.Agents[random.Below(grid.Agents.Length)];
        switch (kind)
        {
            case FaultKind.SiloCrash when grid.Silo.IsUp:
                CrashSilo();
                break;
            case FaultKind.NodeKill:
                agent.Kill();
                Later(0.1, 120, agent.Start);
                break;
            case FaultKind.NodeFreeze:
                agent.Freeze(random.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(120)));
                break;
            case FaultKind.LinkCut:
                agent.CutLink(random.Between(TimeSpan.Zero, TimeSpan.FromSeconds(2)), random.Between(TimeSpan.Zero, TimeSpan.FromSeconds(2)));
                break;
            case FaultKind.LinkSilence:
                agent.CutLink(null, null);
                break;
            case FaultKind.Split:
                Split();
                break;
            case FaultKind.ClockJump:
                grid.Silo.ClockError += TimeSpan.FromMinutes(10 * random.Normal());
                break;
            case FaultKind.DiskFull:
                grid.Noise = grid.Noise with { WriteFails = 0.8 };
                Later(1, 60, () => grid.Noise = grid.Noise with { WriteFails = _isOver ? 0 : grid.Plan.Noise.WriteFails });
                break;
            case FaultKind.Slowness:
                grid.Noise = grid.Noise with { CallDelay = TimeSpan.FromSeconds(2), LinkDelay = TimeSpan.FromSeconds(20) };
                Later(1, 60, () => grid.Noise = grid.Noise with
                {
                    CallDelay = _isOver ? TimeSpan.Zero : grid.Plan.Noise.CallDelay,
                    LinkDelay = _isOver ? TimeSpan.Zero : grid.Plan.Noise.LinkDelay,
                });
                break;
            case FaultKind.ActivationLoss:
                grid.Silo.ForgetAny(random);
                break;
            default:
                break;
        }
    }

    private void CrashSilo()
    {
        grid.Silo.Crash();
        foreach (var agent in grid.Agents)
        {
            agent.CutLink(atSilo: null, atAgent: random.Between(TimeSpan.Zero, TimeSpan.FromSeconds(2)));
        }

        Later(0.2, 30, StartSilo);
    }

    private void StartSilo()
    {
        if (!grid.Silo.IsUp)
        {
            grid.Silo.Start();
        }
    }

    private void Split()
    {
        foreach (var agent in grid.Agents.Where(_ => random.Chance(0.5)).ToArray())
        {
            agent.IsCutOff = true;
            agent.CutLink(null, null);
        }

        Later(5, 120, () =>
        {
            foreach (var agent in grid.Agents)
            {
                agent.IsCutOff = false;
            }
        });
    }

    private void Mend()
    {
        _isOver = true;
        grid.Noise = Noise.None;
        StartSilo();
        foreach (var agent in grid.Agents)
        {
            agent.IsCutOff = false;
            agent.Start();
        }
    }

    private void Later(double leastSeconds, double mostSeconds, Action happen) =>
        grid.Queue.After(random.Between(TimeSpan.FromSeconds(leastSeconds), TimeSpan.FromSeconds(mostSeconds)), happen);
}
