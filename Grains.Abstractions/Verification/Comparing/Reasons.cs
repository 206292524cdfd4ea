namespace PiGrid.Verification;

/// <summary>Collects what is wrong with an output, each with its place, up to a limit.</summary>
internal sealed class Reasons
{
    private readonly List<string> _list = [];

    /// <summary>The place that is being checked; empty for the whole output.</summary>
    public string At { get; set; } = "";

    /// <summary>Whether nothing more is listed, so that checking can stop.</summary>
    public bool IsFull => _list.Count >= OutputLimits.ReasonsMax;

    /// <summary>What was found.</summary>
    public IReadOnlyList<string> List => _list;

    /// <summary>Adds a reason, unless there are enough.</summary>
    public void Add(string reason)
    {
        if (!IsFull)
        {
            _list.Add(At.Length == 0 ? reason : $"{At}: {reason}");
        }
    }
}
