namespace PiGrid.NodeAgent.Workers;

/// <summary>How worker processes are run.</summary>
internal sealed record WorkerOptions
{
    /// <summary>The program and its leading arguments; the verb <c>worker</c> is added.</summary>
    public required IReadOnlyList<string> Program { get; init; }

    /// <summary>Where workers get their working folders.</summary>
    public required string WorkFolder { get; init; }

    /// <summary>Workers at work at once, at least 1; as many may stay idle with their models loaded.</summary>
    public required int Slots { get; init; }

    /// <summary>Workers kept ready without a model.</summary>
    public int Spares { get; init; } = 1;

    /// <summary>How long no worker must be at work before a spare is replaced, so that its start takes no processor from a lease.</summary>
    public TimeSpan SpareQuiet { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The most bytes of inputs that run together in one run of a model.</summary>
    public long BatchBytesMax { get; init; } = 1 << 20;

    /// <summary>The longest time for a worker to start.</summary>
    public TimeSpan StartMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest time for loading a model.</summary>
    public TimeSpan LoadMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest time for trying a provider.</summary>
    public TimeSpan ProbeMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What an input may take beyond its limit before the worker is ended: the worker ends it itself at the limit.</summary>
    public TimeSpan RunGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a worker may take to answer a cancel before it is ended.</summary>
    public TimeSpan CancelGrace { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The time between looks at a busy worker's memory.</summary>
    public TimeSpan MemoryLook { get; init; } = TimeSpan.FromMilliseconds(50);
}
