using PiGrid.NodeAgent.Cache;
using PiGrid.NodeAgent.Identity;
using PiGrid.NodeAgent.Preferences;
using PiGrid.NodeAgent.Probing;
using PiGrid.NodeAgent.Work;
using PiGrid.NodeAgent.Workers.Wire;
using PiGrid.Protocol;

namespace PiGrid.NodeAgent;

/// <summary>What the node is and what it is ready for: what enrolment, probing, preferences and the machine's state say together.</summary>
internal sealed class AgentStanding(
    EnrolmentRecord enrolment, AgentSettings settings, PreferencesFile preferences, BlobCache cache, BandwidthCap cap, LoadMeter load, TimeProvider time)
{
    private const double MemoryShare = 0.75;

    private string? _pausedReason;
    private double _load;
    private double? _temperature;

    /// <summary>The grid's public key.</summary>
    public byte[] GridKey => enrolment.GridKey;

    /// <summary>The same, read once for many checks.</summary>
    public VerifyingKey LeaseKey { get; } = new(enrolment.GridKey);

    /// <summary>The node.</summary>
    public NodeId Node => enrolment.Node;

    /// <summary>What runs the work.</summary>
    public string Provider { get; private set; } = "cpu";

    /// <summary>Providers that were tried, and the library that they belong to.</summary>
    public (string Library, IReadOnlyList<ProviderProbe> Probes) Probed { get; private set; } = ("none", []);

    /// <summary>How fast the machine is.</summary>
    public double Speed { get; set; }

    /// <summary>Whether the agent or the operator lets the node finish what it holds and take nothing new.</summary>
    public bool Draining => Stopping || DrainedByGrid;

    /// <summary>Whether the agent is about to end.</summary>
    public bool Stopping { get; set; }

    /// <summary>Whether the operator drains the node.</summary>
    public bool DrainedByGrid { get; set; }

    /// <summary>Replicas that it runs at once.</summary>
    public int Slots => (settings.Slots, preferences.Current.CpusMax) switch
    {
        ({ } slots, > 0 and var most) => Math.Min(slots, most),
        ({ } slots, _) => slots,
        _ => Cpus,
    };

    /// <summary>Online calls beyond these that wait for a free one.</summary>
    public int CallsAhead => settings.CallsAhead ?? Math.Min(1024, 2 * Slots);

    private int Cpus => preferences.Current.CpusMax is > 0 and var most ? Math.Min(most, Machine.Cores) : Machine.Cores;

    private int MemoryMib => preferences.Current.MemoryMibMax is > 0 and var most ? most : (int)(Machine.MemoryMib * MemoryShare);

    /// <summary>Takes in what trying the providers showed.</summary>
    /// <returns>Why the first preferred provider is not used; null when it is.</returns>
    public string? Choose(string library, IReadOnlyList<ProviderProbe> probes)
    {
        Probed = (library, probes);
        (Provider, var fallback) = ProviderChoice.Choose(preferences.Current.Providers, probes);
        return fallback;
    }

    /// <summary>Looks at the machine and the preferences again.</summary>
    /// <param name="workers">Our worker processes.</param>
    /// <returns>Whether the profile changed.</returns>
    public bool Look(IEnumerable<int> workers)
    {
        var changed = preferences.Refresh();
        cache.QuotaBytes = (long)preferences.Current.DiskMibMax << 20;
        cap.BytesPerSecond = (long)preferences.Current.BandwidthKibMax << 10;
        (_load, var others) = load.Look(workers);
        _temperature = Thermometer.Read();
        var now = TimeOnly.FromDateTime(TimeZoneInfo.ConvertTime(time.GetUtcNow(), time.LocalTimeZone).DateTime);
        _pausedReason = PauseRules.Reason(preferences.Current, now, new(others, _temperature), _pausedReason is not null);
        return changed;
    }

    /// <summary>What the node tells of itself when it connects.</summary>
    public NodeProfile Profile() => new()
    {
        AgentVersion = AgentVersion.Text,
        Os = Machine.Os,
        Architecture = Machine.Architecture,
        HardwareClass = Machine.HardwareClass(Provider, Probed.Library),
        Cores = Cpus,
        MemoryMib = MemoryMib,
        Slots = Slots,
        Providers = Probed.Probes,
        Library = Probed.Library,
        Speed = Speed,
        Region = settings.Region ?? preferences.Current.Region,
        Categories = preferences.Current.Categories,
        Segments = true,
        Attachments = true,
        PricePerHour = new Amount(preferences.Current.Price),
        CallsAhead = CallsAhead,
    };

    /// <summary>
    /// Whether it commits itself to segments of runs where the grid asks for it: on the processor alone, as others round otherwise, and with memory for the model's
    /// file and the model twice. A node that does not is checked by running its results again.
    /// </summary>
    public bool CommitsTo(WorkTemplate work) =>
        work.Segments?.Plan is not null && Provider == "cpu" && (long)work.Limits.MemoryMib * LoadRequest.KeptFactor <= MemoryMib;

    /// <summary>How the node is now.</summary>
    /// <param name="working">Leases being worked on.</param>
    /// <param name="models">Blobs on disk; null when the grid knows them.</param>
    public NodeHeartbeat Heartbeat(IReadOnlyList<LeaseProgress> working, IReadOnlyList<Sha256>? models) => new()
    {
        FreeSlots = Draining || _pausedReason is not null ? 0 : Math.Max(0, Slots - working.Count),
        Load = _load,
        TemperatureC = _temperature,
        PausedReason = Stopping ? "the agent is about to stop" : _pausedReason,
        CachedModels = models,
        Leases = working.Count > 0 ? working : null,
    };

    /// <summary>What the node is ready for, for an assignment.</summary>
    /// <param name="assignment">The assignment.</param>
    /// <param name="working">What is worked on, or waits for a slot.</param>
    public Readiness ReadinessFor(Assignment assignment, IReadOnlyCollection<HeldLease> working) => new()
    {
        FreeSlots = !assignment.Lease.Lease.Shard.Job.IsCall ? Slots - working.Count : working.Count(w => !w.IsCall) < Slots ? Slots + CallsAhead - working.Count : 0,
        Draining = Draining,
        PausedReason = _pausedReason,
        Categories = preferences.Current.Categories,

        // A stated cap holds for all workers together, of which there are as many as slots; otherwise a model's limit, which few ever reach, is held against the machine alone.
        MemoryMib = preferences.Current.MemoryMibMax > 0 ? MemoryMib - working.Select(w => w.Work.Limits.MemoryMib).OrderDescending().Take(Slots - 1).Sum() : MemoryMib,
        NoRoomReason = cache.WhyNoRoom(WorkBlobs.Disk(assignment)),
        Operator = enrolment.Operator,
    };
}
