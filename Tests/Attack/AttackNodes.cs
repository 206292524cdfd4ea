namespace PiGrid.Tests.Attack;

/// <summary>All nodes as columns; ids only grow, as those who come back do so under new ones.</summary>
internal sealed class AttackNodes
{
    private readonly Adversary _adversary;
    private readonly AttackNoise _noise;
    private readonly ulong _cheap;
    private readonly int _saboteurs;
    private readonly int _probation;
    private int[] _active;
    private int[] _place;
    private bool[] _bad;
    private int[] _results;

    /// <summary>New nodes, of which the first are saboteurs: who is drawn is random, so their numbers say nothing.</summary>
    public AttackNodes(int count, Adversary adversary, int probation, AttackNoise noise, ulong seed)
    {
        _noise = noise;
        _cheap = unchecked(seed << 32);
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

    /// <summary>Honest nodes suspended for an error of their machine.</summary>
    public int FoundHonest { get; private set; }

    /// <summary>All who get no more work, in the order in which they were found.</summary>
    public List<int> Removed { get; } = [];

    /// <summary>Checks passed, by node.</summary>
    public int[] Passed { get; private set; }

    /// <summary>Wrong results delivered, by node.</summary>
    public int[] WrongBy { get; private set; }

    /// <summary>Whether a node still gets work.</summary>
    public bool IsActive(int node) => _place[node] >= 0;

    /// <summary>Whether a node is a saboteur.</summary>
    public bool IsBad(int node) => _bad[node];

    /// <summary>Who answers for a node.</summary>
    public int Owner(int node) => _bad[node] ? node / _adversary.NodesPerOwner : int.MinValue / 2 + node;

    /// <summary>A random node that works, of another owner than all of <paramref name="not"/>; -1 when there is none.</summary>
    public int Draw(ref AttackRandom random, ReadOnlySpan<int> not)
    {
        if (ActiveCount <= not.Length * _adversary.NodesPerOwner && !AnyBut(not))
        {
            return -1;
        }

        while (true)
        {
            var node = _active[random.Below(ActiveCount)];
            if (!SharesOwner(node, not))
            {
                _results[node]++;
                return node;
            }
        }
    }

    /// <summary>What the first node on a shard returns.</summary>
    public Answer First(int node, int shard, ref AttackRandom random)
    {
        if (!_bad[node])
        {
            return Honest(ref random);
        }

        var wants = _adversary.Kind switch
        {
            AdversaryKind.UntilTrusted => Passed[node] >= _probation,
            AdversaryKind.OnOff => _results[node] / 100 % 2 == 1,
            AdversaryKind.Lazy => CheapModelErrs(shard),
            AdversaryKind.Stallers => false,
            _ => true,
        };
        return !wants || (_adversary.Kind != AdversaryKind.Lazy && !random.Chance(_adversary.LieRate)) ? Answer.Right
            : _adversary.Kind == AdversaryKind.RandomLiars ? Answer.Odd
            : Answer.Lie;
    }

    /// <summary>Whether a saboteur that is the first on a shard lets its result wait for a hedge.</summary>
    public bool Stalls(int node, ref AttackRandom random) =>
        _bad[node] && _adversary.Kind == AdversaryKind.Stallers && random.Chance(_adversary.LieRate);

    /// <summary>What the first returns after it has seen who else has the shard: who compares notes lies to friends only.</summary>
    public Answer Knowing(int first, int hedge, Answer wants) =>
        wants == Answer.Lie && _adversary.Echoes && _bad[first] && !_bad[hedge] ? Answer.Right : wants;

    /// <summary>What a node returns that comes after others which agreed.</summary>
    public Answer Next(int node, int shard, Answer before, ref AttackRandom random) =>
        !_bad[node] ? Honest(ref random)
        : _adversary.Echoes ? (before == Answer.Lie ? Answer.Lie : Answer.Right)
        : _adversary.Kind == AdversaryKind.Lazy ? (CheapModelErrs(shard) ? Answer.Lie : Answer.Right)
        : random.Chance(_adversary.LieRate) ? Answer.Odd
        : Answer.Right;

    /// <summary>What an operator node, or a comparison, says of two answers.</summary>
    public static bool Agree(Answer one, Answer other) => one == other && one != Answer.Odd;

    /// <summary>A node was found to have been wrong: it and all nodes of its owner get no more work.</summary>
    public void Ban(int node, ref AttackRandom random)
    {
        if (!_bad[node])
        {
            // A suspension outlasts the run.
            Remove(node);
            FoundHonest++;
            return;
        }

        var first = node / _adversary.NodesPerOwner * _adversary.NodesPerOwner;
        var last = Math.Min(first + _adversary.NodesPerOwner, Count);
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

    private Answer Honest(ref AttackRandom random) =>
        _noise.SoftErrors > 0 && random.Chance(_noise.SoftErrors) ? Answer.Odd : Answer.Right;

    // A cheaper model is wrong on the same shards whoever runs it.
    private bool CheapModelErrs(int shard) => new AttackRandom(unchecked((ulong)shard + _cheap)).Chance(_adversary.LieRate);

    private bool AnyBut(ReadOnlySpan<int> not)
    {
        foreach (var node in _active.AsSpan(0, ActiveCount))
        {
            if (!SharesOwner(node, not))
            {
                return true;
            }
        }

        return false;
    }

    private bool SharesOwner(int node, ReadOnlySpan<int> others)
    {
        foreach (var other in others)
        {
            if (Owner(node) == Owner(other))
            {
                return true;
            }
        }

        return false;
    }

    private void Remove(int node)
    {
        var (place, moved) = (_place[node], _active[--ActiveCount]);
        _active[place] = moved;
        _place[moved] = place;
        _place[node] = -1;
        Removed.Add(node);
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
