namespace PiGrid.Tests.Scenarios.Faults;

/// <summary>What a proxy does to the bytes that flow through it; replaced whole.</summary>
internal sealed record Weather
{
    /// <summary>Everything passes at once.</summary>
    public static Weather Fair { get; } = new();

    /// <summary>How long bytes are under way; their order stays.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Bytes a second in each direction; 0 for no limit.</summary>
    public int BytesPerSecond { get; init; }

    /// <summary>Nothing arrives at the silo, though connections stay open.</summary>
    public bool HoldsUp { get; init; }

    /// <summary>Nothing arrives from the silo, though connections stay open.</summary>
    public bool HoldsDown { get; init; }

    /// <summary>Every message of an open session arrives twice.</summary>
    public bool Duplicates { get; init; }

    /// <summary>Whether nothing arrives in this direction.</summary>
    public bool Holds(bool up) => up ? HoldsUp : HoldsDown;
}
