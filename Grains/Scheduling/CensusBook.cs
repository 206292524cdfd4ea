using PiGrid.Verification;

namespace PiGrid.Grains.Scheduling;

/// <summary>
/// Counts nodes by kind from what they offer, so that watching the grid asks no node anything: a count moves when a node does. A node's line is a few dozen bytes, and
/// names are kept once.
/// </summary>
internal sealed class CensusBook(SchedulingOptions options)
{
    // Regions and classes are the nodes' own words: what comes beyond so many is counted as other.
    private const int NamesMax = 1_000;

    // How many of them are told.
    private const int NamesTold = 40;

    private const string Other = "(other)";
    private static readonly string[] States = [.. Enum.GetValues<NodeState>().Select(Word)];
    private static readonly string[] Tiers = [.. Enum.GetValues<ReputationTier>().Select(Word), "operator"];

    private readonly Dictionary<NodeId, Line> _lines = [];
    private readonly int[] _states = new int[States.Length];
    private readonly int[] _tiers = new int[Tiers.Length];
    private readonly Names _regions = new();
    private readonly Names _classes = new();
    private int _connected;
    private long _slots;
    private long _free;

    /// <summary>Takes a node's newest offer; a late one changes nothing.</summary>
    public void Note(NodeOffer offer)
    {
        var known = _lines.TryGetValue(offer.Node, out var before);
        if ((known && before.Sequence >= offer.Sequence) || (!known && _lines.Count >= options.NodesMax))
        {
            return;
        }

        if (known)
        {
            Count(before, -1);
        }

        var slots = Math.Clamp(offer.Profile.Slots, 0, options.SlotsPerNodeMax);
        var line = new Line(
            offer.Sequence,
            (byte)offer.State,
            offer.Operator ? (byte)(Tiers.Length - 1) : (byte)(offer.Tier ?? ReputationTier.Probation),
            _regions.IndexOf(offer.Profile.Region),
            _classes.IndexOf(offer.Profile.HardwareClass),
            (short)slots,
            (short)Math.Clamp(offer.FreeSlots, 0, slots));
        _lines[offer.Node] = line;
        Count(line, 1);
    }

    /// <summary>What was counted.</summary>
    public NodeCensus ToCensus() => new()
    {
        States = Told(States, _states),
        Tiers = Told(Tiers, _tiers),
        Regions = _regions.Told(),
        HardwareClasses = _classes.Told(),
        Known = _lines.Count,
        Connected = _connected,
        Slots = _slots,
        FreeSlots = _free,
    };

    private static string Word<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static CensusCount[] Told(string[] names, int[] counts) =>
        [.. names.Zip(counts, (name, count) => new CensusCount(name, count)).Where(c => c.Nodes > 0)];

    private void Count(Line line, int change)
    {
        _states[line.State] += change;
        if ((NodeState)line.State is not (NodeState.Online or NodeState.Paused or NodeState.Draining))
        {
            return;
        }

        _connected += change;
        _tiers[line.Tier] += change;
        _regions.Count(line.Region, change);
        _classes.Count(line.Class, change);
        _slots += change * line.Slots;
        _free += change * line.Free;
    }

    private readonly record struct Line(long Sequence, byte State, byte Tier, ushort Region, ushort Class, short Slots, short Free);

    private sealed class Names
    {
        private readonly Dictionary<string, ushort> _indexes = new() { [Other] = 0 };
        private readonly List<string> _names = [Other];
        private readonly List<int> _counts = [0];

        public ushort IndexOf(string name)
        {
            if (_indexes.TryGetValue(name, out var index) || _names.Count > NamesMax)
            {
                return index;
            }

            index = (ushort)_names.Count;
            _indexes.Add(name, index);
            _names.Add(name);
            _counts.Add(0);
            return index;
        }

        public void Count(ushort index, int change) => _counts[index] += change;

        public CensusCount[] Told()
        {
            var ordered = _names.Zip(_counts, (name, count) => new CensusCount(name, count)).Where(c => c.Nodes > 0)
                .OrderByDescending(c => c.Name != Other).ThenByDescending(c => c.Nodes).ThenBy(c => c.Name, StringComparer.Ordinal).ToArray();
            var rest = ordered.Skip(NamesTold).Sum(c => c.Nodes);
            return rest == 0 ? ordered : [.. ordered.Take(NamesTold), new CensusCount(Other, rest)];
        }
    }
}
