using System.Text.Json;
using PiGrid.Tests.Scenarios.Faults;

namespace PiGrid.Benchmarks.Soak;

/// <summary>One line of the results file: a fault, or the end of an episode.</summary>
internal sealed record SoakLine
{
    /// <summary>The episode, from 1.</summary>
    public required int Episode { get; init; }

    /// <summary>Its seed.</summary>
    public required int Seed { get; init; }

    /// <summary>When the line was written.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The fault; null at the end of an episode.</summary>
    public Fault? Fault { get; init; }

    /// <summary>What the episode came to; null for a fault.</summary>
    public EpisodeOutcome? Outcome { get; init; }
}

/// <summary>The growing file of results, JSON lines: a soak that is stopped goes on where it was.</summary>
internal sealed class SoakFile(string path)
{
    private readonly Lock _gate = new();

    /// <summary>What is there; the line in which an earlier run broke off is passed over.</summary>
    public List<SoakLine> Read() => File.Exists(path) ? [.. File.ReadLines(path).Select(Parse).OfType<SoakLine>()] : [];

    /// <summary>Adds a line.</summary>
    public void Add(SoakLine line)
    {
        lock (_gate)
        {
            File.AppendAllText(path, JsonSerializer.Serialize(line, GridJson.Wire) + "\n");
        }
    }

    private static SoakLine? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<SoakLine>(line, GridJson.Wire);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
