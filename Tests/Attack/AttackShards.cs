using PiGrid.Grains.Verification.Trust;

namespace PiGrid.Tests.Attack;

/// <summary>
/// All shards as columns: who agreed on each, in order, and on what. Results that differ are never kept, because an operator node ends it. A column for a third or
/// later result exists once one is needed.
/// </summary>
internal sealed class AttackShards(int count)
{
    private const byte AuditedBit = 4;
    private const byte HedgedBit = 8;
    private const byte AnswerBits = 3;
    private readonly List<int[]> _columns = [new int[count]];
    private readonly List<List<int>?> _restingOn = [];
    private readonly byte[] _size = new byte[count];
    private readonly byte[] _state = new byte[count];

    /// <summary>Shards.</summary>
    public int Count => count;

    /// <summary>Who gave a shard's result first.</summary>
    public int First(int shard) => _columns[0][shard];

    /// <summary>Who gave it at a place.</summary>
    public int At(int shard, int place) => _columns[place][shard];

    /// <summary>Results held.</summary>
    public int Size(int shard) => _size[shard];

    /// <summary>What they say.</summary>
    public Answer Says(int shard) => (Answer)(_state[shard] & AnswerBits);

    /// <summary>Whether an operator node computed it, so that what is delivered is right.</summary>
    public bool Audited(int shard) => (_state[shard] & AuditedBit) != 0;

    /// <summary>Ends a shard.</summary>
    public void SetAudited(int shard) => _state[shard] |= AuditedBit;

    /// <summary>As how many results, one after the other, those held count.</summary>
    public int Agreeing(int shard)
    {
        if ((_state[shard] & HedgedBit) == 0)
        {
            return _size[shard];
        }

        // The second was issued while the first was out; the others came later, one after the other.
        Span<Commitment> group = stackalloc Commitment[JobRisk.AgreeingMax];
        for (var place = 0; place < _size[shard]; place++)
        {
            group[place] = place < 2 ? new(place, 3 - place) : new(2 * place, (2 * place) + 1);
        }

        return CommitmentRules.Count(group[.._size[shard]]);
    }

    /// <summary>Takes the shards in which a node had a part, now or before.</summary>
    public List<int> RestingOn(int node)
    {
        var shards = node < _restingOn.Count ? _restingOn[node] : null;
        if (shards is not null)
        {
            _restingOn[node] = null;
        }

        return shards ?? [];
    }

    /// <summary>Starts over with one result.</summary>
    public void Open(int shard, int node, Answer says)
    {
        _columns[0][shard] = node;
        _size[shard] = 1;
        Rests(shard, node);
        _state[shard] = (byte)says;
    }

    /// <summary>One more that agrees. <paramref name="hedge"/>: it was out together with the first.</summary>
    public void Add(int shard, int node, bool hedge = false)
    {
        int place = _size[shard]++;
        if (place == _columns.Count)
        {
            _columns.Add(new int[count]);
        }

        _columns[place][shard] = node;
        _state[shard] |= hedge ? HedgedBit : (byte)0;
        Rests(shard, node);
    }

    /// <summary>Leaves those of a shard that are still believed.</summary>
    public void Keep(int shard, ReadOnlySpan<bool> distrusted)
    {
        var kept = 0;
        for (var place = 0; place < distrusted.Length; place++)
        {
            if (!distrusted[place])
            {
                _columns[kept++][shard] = _columns[place][shard];
            }
        }

        _size[shard] = (byte)kept;
        if (distrusted.Length > 1 && (distrusted[0] || distrusted[1]))
        {
            _state[shard] &= unchecked((byte)~HedgedBit);
        }
    }

    private void Rests(int shard, int node)
    {
        while (node >= _restingOn.Count)
        {
            _restingOn.Add(null);
        }

        (_restingOn[node] ??= []).Add(shard);
    }
}
