namespace PiGrid.Tests.Attack;

/// <summary>All nodes as columns; ids only grow, as those who come back do so under new ones.</summary>
internal sealed class AttackNodes
{
    private readonly Adversary _adversary;
    private readonly int _saboteurs;
    private readonly int _probation;
    private int[] _active;
    private int[] _place;
    private bool[] _bad;
    private int[] _results;

    /// <summary>New nodes, of which the first are saboteurs: who is drawn is random, so their numbers say nothing.</summary>
    public AttackNodes(int count, Adversary adversary, int probation)
    {
        _adversary = adversary;
        _probation = probation;
        _saboteurs = (int)Math.Round(count * adversary.Share);
        Count = ActiveCount = count;
        _active = [.. Enumerable.Range(0, count)];
        _place = [.. _active];
        _bad = [.. _active.Select(id => id < _saboteurs)];
        _results = new int[count];
        Passed = new int[count];
        WrongBy = new int[count];
    }

    /// <summary>Identities ever seen.</summary>
    public int Count { get; private set; }

    /// <summary>Nodes that get work.</summary>
    public int ActiveCount { get; private set; }

    /// <summary>Saboteurs found.</summary>
    public int Found { get; private set; }

    /// <summary>Checks passed, by node.</summary>
    public int[] Passed { get; private set; }

    /// <summary>Wrong results delivered, by node.</summary>
    public int[] WrongBy { get; private set; }

    /// <summary>Whether a node still gets work.</summary>
    public bool IsActive(int node) => _place[node] >= 0;

    /// <summary>Whether a node is a saboteur.</summary>
    public bool IsBad(int node) => _bad[node];

    /// <summary>Who answers for a node.</summary>
    public int Owner(int node) => _bad[node] ? node / _adversary.NodesPerOwner : node + int.MinValue / 2;

    /// <summary>A random node that works, of another owner than <paramref name="not"/> (-1: of any).</summary>
    public int Draw(ref AttackRandom random, int not = -1)
    {
        while (true)
        {
            var node = _active[random.Below(ActiveCount)];
            if (not < 0 || Owner(node) != Owner(not))
            {
                _results[node]++;
                return node;
            }
        }
    }

    /// <summary>Whether a node that is the first on a shard lies.</summary>
    public bool LiesFirst(int node, ref AttackRandom random) => _bad[node]
        && _adversary.Kind switch
        {
            AdversaryKind.UntilTrusted => Passed[node] >= _probation,
            AdversaryKind.OnOff => _results[node] / 100 % 2 == 1,
            _ => true,
        }
        && random.Chance(_adversary.LieRate);

    /// <summary>Whether a node that comes second lies, after one that did or did not.</summary>
    public bool LiesSecond(int node, int first, bool firstLied, ref AttackRandom random) =>
        _bad[node] && (_adversary.Echoes ? firstLied && _bad[first] : random.Chance(_adversary.LieRate));

    /// <summary>Whether two lies are the same.</summary>
    public bool LiesAgree => _adversary.Kind != AdversaryKind.RandomLiars;

    /// <summary>A node was found to have lied: it and all nodes of its owner get no more work.</summary>
    public void Ban(int node, ref AttackRandom random)
    {
        var owner = node / _adversary.NodesPerOwner;
        var first = _bad[node] ? owner * _adversary.NodesPerOwner : node;
        var last = _bad[node] ? Math.Min(first + _adversary.NodesPerOwner, Count) : node + 1;
        for (var id = first; id < last; id++)
        {
            if (_place[id] >= 0 && _bad[id])
            {
                Remove(id);
                Found++;
                if (_adversary.ReEnrol > 0 && random.Chance(_adversary.ReEnrol))
                {
                    Enrol();
                }
            }
        }
    }

    private void Remove(int node)
    {
        var (place, moved) = (_place[node], _active[--ActiveCount]);
        _active[place] = moved;
        _place[moved] = place;
        _place[node] = -1;
    }

    private void Enrol()
    {
        var id = Count++;
        if (id == _bad.Length)
        {
            var size = id + (id / 2) + 16;
            Array.Resize(ref _bad, size);
            Array.Resize(ref _place, size);
            Array.Resize(ref _results, size);
            var (passed, wrong) = (Passed, WrongBy);
            Array.Resize(ref passed, size);
            Array.Resize(ref wrong, size);
            (Passed, WrongBy) = (passed, wrong);
        }

        if (ActiveCount == _active.Length)
        {
            Array.Resize(ref _active, ActiveCount + (ActiveCount / 2) + 16);
        }

        _bad[id] = true;
        _place[id] = ActiveCount;
        _active[ActiveCount++] = id;
    }
}
