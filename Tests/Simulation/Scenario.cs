using PiGrid.Grains.Jobs;
using PiGrid.Grains.Nodes;
using PiGrid.Grains.Scheduling;
using PiGrid.Verification;

namespace PiGrid.Tests.Simulation;

/// <summary>A small grid with heavy faults, all drawn from a seed.</summary>
internal sealed record Scenario
{
    /// <summary>The grid.</summary>
    public required GridPlan Plan { get; init; }

    /// <summary>The jobs: when they are submitted, and what they are.</summary>
    public required IReadOnlyList<JobPlan> Jobs { get; init; }

    /// <summary>How long faults last.</summary>
    public required TimeSpan Storm { get; init; }

    /// <summary>How far apart faults of each kind are on average.</summary>
    public required IReadOnlyDictionary<FaultKind, TimeSpan> Faults { get; init; }

    /// <summary>The scenario of a seed.</summary>
    public static Scenario Of(ulong seed)
    {
        var random = SimRandom.Of(seed, 1);
        var classes = 1 + random.Below(2);

        // Of each class there are enough honest owners for every job to end.
        var owners = (8 * classes) + random.Below(16);
        var storm = TimeSpan.FromSeconds(60 + random.Below(840));
        var service = TimeSpan.FromSeconds(random.OneOf(0.1, 0.5, 2, 10, 40));
        return new Scenario
        {
            Plan = new GridPlan
            {
                Seed = seed,
                Machines = Machines(random, owners, classes),
                Service = new ServiceTimes { Median = service, Sigma = random.OneOf(0.1, 0.5, 1), StallShare = random.OneOf(0, 0.01, 0.05) },
                Jobs = new JobOptions
                {
                    OpenShardsMax = random.OneOf(5, 50, 1_000),
                    ReplicasPerShardMax = 64,
                    ResultsPerShardMax = 16,
                    HedgesPerShardMax = random.OneOf(0, 2),
                },
                Nodes = new NodeOptions
                {
                    Heartbeat = TimeSpan.FromSeconds(random.OneOf(1, 5, 10)),
                    LeaseDuration = TimeSpan.FromSeconds(random.OneOf(120, 600)),
                },
                Scheduling = new SchedulingOptions { HedgeShare = random.OneOf(0, 0.04, 0.5), PaceSamplesMin = 5 },
                Noise = Noisy(random),
            },
            Jobs = Enumerable.Range(0, 1 + random.Below(5)).Select(_ => Job(random, storm)).ToArray(),
            Storm = storm,
            Faults = Enum.GetValues<FaultKind>().Where(_ => random.Chance(0.6))
                .ToDictionary(kind => kind, kind => TimeSpan.FromSeconds((IsHard(kind) ? 60 : 5) + random.Below(120))),
        };
    }

    private static bool IsHard(FaultKind kind) => kind is FaultKind.SiloCrash or FaultKind.Split or FaultKind.DiskFull or FaultKind.Slowness;

    private static NodePlan[] Machines(SimRandom random, int owners, int classes)
    {
        var wrong = random.OneOf(0, 0, 0.3);
        var trouble = random.OneOf(0, 0.02, 0.1);
        var machines = Enumerable.Range(0, owners + random.Below(10)).Select(i => new NodePlan
        {
            Owner = i < owners ? i : random.Below(owners),
            Slots = random.OneOf(1, 2, 4),
            HardwareClass = i % 2 == 0 || classes == 1 ? "x64" : "arm64",
            Slowness = random.Chance(0.1) ? 5 : 1,
            Wrong = i % 8 is 3 or 4 ? wrong : 0,
            Fails = trouble,
            Declines = trouble,
            Garbles = trouble / 10,
        });
        return machines.ToArray();
    }

    private static Noise Noisy(SimRandom random) => random.Below(3) switch
    {
        0 => Noise.None,
        1 => Noise.None with { CallDelay = TimeSpan.FromMilliseconds(200), LinkDelay = TimeSpan.FromSeconds(1), CallTwice = 0.02, LinkTwice = 0.02 },
        _ => new Noise(0.01, 0.01, TimeSpan.FromMilliseconds(50), 0.01, 0.01, TimeSpan.FromSeconds(1), 0.005),
    };

    private static JobPlan Job(SimRandom random, TimeSpan storm) => new(
        random.Between(TimeSpan.Zero, storm * 0.8),
        1 + random.Below(random.OneOf(2, 20, 150)),
        random.OneOf(VerificationPolicy.Quorum(2), VerificationPolicy.Quorum(2), VerificationPolicy.Quorum(3)),
        random.Chance(0.3) ? ComparatorKind.Exact : ComparatorKind.Tensors,
        random.OneOf("a", "b"),
        random.Chance(0.15) ? random.Between(TimeSpan.Zero, storm) : null);
}

/// <summary>A job of a scenario.</summary>
/// <param name="At">When it is submitted.</param>
/// <param name="Shards">Its shards.</param>
/// <param name="Policy">How it is checked.</param>
/// <param name="Comparator">When two results are the same.</param>
/// <param name="Requester">Whose it is.</param>
/// <param name="CancelAfter">When it is cancelled; null for never.</param>
internal sealed record JobPlan(TimeSpan At, int Shards, VerificationPolicy Policy, ComparatorKind Comparator, string Requester, TimeSpan? CancelAfter);
