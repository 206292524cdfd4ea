using System.Collections.Immutable;
using PiGrid.Grains.Nodes;

namespace PiGrid.Tests.Simulation;

/// <summary>A whole grid in virtual time: nodes, network, silo and store around the production rules.</summary>
internal sealed class VirtualGrid
{
    private readonly SimRandom _noise;
    private readonly SimRandom _guids;
    private readonly Dictionary<ShardId, int> _replicas = [];

    /// <summary>A grid whose silo and machines are off.</summary>
    public VirtualGrid(GridPlan plan)
    {
        Plan = plan;
        Noise = plan.Noise;
        Store = new DurableStore(plan.EndsKept);
        _noise = SimRandom.Of(plan.Seed, 4);
        _guids = SimRandom.Of(plan.Seed, 5);
        Ids = SimRandom.Of(plan.Seed, 6);
        Silo = new VirtualSilo(this);
        Agents = plan.Machines.Select((machine, i) => new VirtualAgent(this, i, machine)).ToImmutableArray();
        foreach (var agent in Agents)
        {
            Store.Put(agent.Id, new NodeStanding { Record = Enrol(agent) }, new NodeHistory());
        }
    }

    /// <summary>What it consists of.</summary>
    public GridPlan Plan { get; }

    /// <summary>Virtual time.</summary>
    public EventQueue Queue { get; } = new();

    /// <summary>What survives crashes.</summary>
    public DurableStore Store { get; }

    /// <summary>The silo.</summary>
    public VirtualSilo Silo { get; }

    /// <summary>The nodes.</summary>
    public ImmutableArray<VirtualAgent> Agents { get; }

    /// <summary>Counts and checks.</summary>
    public Watch Watch { get; } = new();

    /// <summary>What happens to single messages now.</summary>
    public Noise Noise { get; set; }

    /// <summary>Where leases take their ids from.</summary>
    public SimRandom Ids { get; }

    /// <summary>The number of each job, by which its replicas' times are drawn.</summary>
    public Dictionary<JobId, int> JobNumbers { get; } = [];

    /// <summary>Starts the silo and the machines that are on.</summary>
    public void Start()
    {
        Silo.Start();
        foreach (var agent in Agents)
        {
            var kind = Plan.Machines[agent.Number].Availability;
            var random = SimRandom.Of(Plan.Seed, 7, agent.Number);
            if (kind == AvailabilityClass.Always)
            {
                // Not all in one instant.
                Queue.After(TimeSpan.FromMilliseconds(500) * random.Unit(), agent.Start);
            }
            else
            {
                Live(agent, kind, random, Availability.StartsOn(kind, random, Queue.Now), new());
            }
        }
    }

    public Guid NewGuid() => new(_guids.Bytes16());

    public bool LosesCall() => _noise.Chance(Noise.CallLoss);

    public bool RepeatsCall() => _noise.Chance(Noise.CallTwice);

    public TimeSpan CallTime() => Noise.CallDelay > TimeSpan.Zero ? Plan.Call + (Noise.CallDelay * Math.Pow(_noise.Unit(), 4)) : Plan.Call;

    public bool LosesFrame() => _noise.Chance(Noise.LinkLoss);

    public bool RepeatsFrame() => _noise.Chance(Noise.LinkTwice);

    public TimeSpan FrameDelay() => Noise.LinkDelay > TimeSpan.Zero ? Noise.LinkDelay * Math.Pow(_noise.Unit(), 4) : TimeSpan.Zero;

    public bool WriteFails() => _noise.Chance(Noise.WriteFails);

    /// <summary>How long the shard's next replica takes.</summary>
    public (TimeSpan Work, TimeSpan Stall) ServiceTime(ShardId shard)
    {
        var number = _replicas.GetValueOrDefault(shard);
        _replicas[shard] = number + 1;
        return Plan.Service.Draw(Plan.Seed, JobNumbers.GetValueOrDefault(shard.Job), shard.Index, number);
    }

    private void Live(VirtualAgent agent, AvailabilityClass kind, SimRandom random, bool on, SleepState sleep)
    {
        if (on)
        {
            if (!sleep.IsAsleep)
            {
                agent.Start();
            }

            sleep.IsAsleep = false;
            Queue.After(Availability.On(kind, random, Queue.Now), () => Live(agent, kind, random, on: false, sleep));
            return;
        }

        var off = Availability.Off(kind, random, Queue.Now);
        if (agent.IsOn && random.Chance(Plan.Machines[agent.Number].Sleeps))
        {
            sleep.IsAsleep = true;
            agent.Freeze(off);
        }
        else
        {
            agent.Kill();
        }

        Queue.After(off, () => Live(agent, kind, random, on: true, sleep));
    }

    private NodeRecord Enrol(VirtualAgent agent) => new()
    {
        Id = agent.Id,
        Owner = agent.Owner,
        OwnerName = "",
        PublicKey = [],
        Operator = false,
        EnrolledAt = Queue.Now,
    };

    private sealed class SleepState
    {
        public bool IsAsleep { get; set; }
    }
}
