using System.Globalization;

namespace PiGrid.Client.Demo;

/// <summary>What a demo is asked to do.</summary>
internal sealed record DemoOptions
{
    /// <summary>The most volunteer nodes: each is a process of its own on this machine.</summary>
    public const int NodesMax = 64;

    /// <summary>Shards submitted at least; with fewer pictures, pictures are submitted again.</summary>
    public const int ShardsMin = 8;

    /// <summary>Volunteer nodes.</summary>
    public required int Nodes { get; init; }

    /// <summary>How many of them forge results; two or more tell the same lie.</summary>
    public required int Liars { get; init; }

    /// <summary>How many of the others are killed while they hold a lease.</summary>
    public required int Kill { get; init; }

    /// <summary>How many results from distinct owners have to agree.</summary>
    public required int Quorum { get; init; }

    /// <summary>The manifest of the model.</summary>
    public required string Manifest { get; init; }

    /// <summary>The pictures.</summary>
    public required IReadOnlyList<string> Images { get; init; }

    /// <summary>The folder that is kept; a temporary one, removed at the end, when null.</summary>
    public string? Keep { get; init; }

    /// <summary>The longest time until all nodes are connected and the model is ready.</summary>
    public TimeSpan StartMax { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The longest time from the submission to the last result.</summary>
    public TimeSpan JobMax { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The nodes: an operator's, and the volunteers, of whom the last ones lie and those before them are killed.</summary>
    public IReadOnlyList<(string Name, VolunteerRole Role)> Plan =>
    [
        ("operator", VolunteerRole.Operator),
        .. Enumerable.Range(1, Nodes).Select(n => (
            string.Create(CultureInfo.InvariantCulture, $"volunteer-{n}"),
            n > Nodes - Liars ? VolunteerRole.Liar : n > Nodes - Liars - Kill ? VolunteerRole.Casualty : VolunteerRole.Honest)),
    ];

    /// <summary>Everything that cannot work as asked for; empty when it can.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        if (Nodes - Liars - Kill < Quorum)
        {
            errors.Add(
                $"{Nodes} nodes less {Liars} liars and {Kill} killed leave {Math.Max(0, Nodes - Liars - Kill)} honest ones, "
                + $"too few for {Quorum} to agree: ask for more --nodes");
        }

        errors.AddRange(Images.Where(image => !File.Exists(image)).Select(image => $"--image '{image}' is no file"));
        if (Images.Count == 0)
        {
            errors.Add("there are no pictures: give --image FILE...");
        }

        if (!File.Exists(Manifest))
        {
            errors.Add($"--model '{Manifest}' is no file");
        }

        if (Keep is not null && Directory.Exists(Keep) && Directory.EnumerateFileSystemEntries(Keep).Any())
        {
            errors.Add($"--keep '{Keep}' is not empty: name a new folder");
        }

        return errors;
    }
}
