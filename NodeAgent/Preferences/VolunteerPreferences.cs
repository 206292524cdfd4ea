namespace PiGrid.NodeAgent.Preferences;

/// <summary>What a volunteer allows; the file <c>preferences.json</c> explains each to them.</summary>
internal sealed record VolunteerPreferences
{
    /// <summary>Hours of day, local time, in which work is accepted, such as <c>22:00-07:00</c>; empty for always.</summary>
    public IReadOnlyList<string> Hours { get; init; } = [];

    /// <summary>Processors lent at most, 0 for all.</summary>
    public int CpusMax { get; init; }

    /// <summary>Memory for workers in MiB, 0 for half of the machine's.</summary>
    public int MemoryMibMax { get; init; }

    /// <summary>Whether work is accepted only while the machine is otherwise idle.</summary>
    public bool OnlyWhenIdle { get; init; }

    /// <summary>What counts as idle: the share of all processors that others use, 0.01 to 1.</summary>
    public double IdleLoadMax { get; init; } = 0.25;

    /// <summary>The processor's temperature in degrees Celsius above which no new work is taken; 0 for no limit.</summary>
    public double TemperatureCMax { get; init; }

    /// <summary>The workload categories accepted; empty for all.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Disk for models and inputs in MiB.</summary>
    public int DiskMibMax { get; init; } = 10_240;

    /// <summary>Downloads and uploads together in KiB a second, 0 for no cap.</summary>
    public int BandwidthKibMax { get; init; }

    /// <summary>Execution providers in order of preference; the first usable one runs the work.</summary>
    public IReadOnlyList<string> Providers { get; init; } = ["cpu"];

    /// <summary>Where the machine is, such as <c>eu-west</c>.</summary>
    public string Region { get; init; } = "unknown";

    /// <summary>What is asked for an hour of one slot, in micro-credits; 0 for nothing.</summary>
    public long Price { get; init; }

    /// <summary>Seconds that held work may take to finish after Ctrl-C, 0 to 3,600.</summary>
    public int DrainSeconds { get; init; } = 60;
}
