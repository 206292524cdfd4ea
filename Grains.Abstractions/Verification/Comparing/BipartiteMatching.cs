namespace PiGrid.Verification;

/// <summary>
/// The largest set of disjoint pairs between two sides (Hopcroft and Karp 1973). Its time is bounded by pairs times the square root of the
/// objects, also for outputs that somebody made to be slow to compare.
/// </summary>
internal sealed class BipartiteMatching
{
    private const int None = -1;

    private readonly IReadOnlyList<int[]> _pairs;
    private readonly int[] _rightOf;
    private readonly int[] _leftOf;
    private readonly int[] _depth;
    private readonly int[] _next;
    private int _deepest;

    private BipartiteMatching(IReadOnlyList<int[]> pairs, int rights)
    {
        _pairs = pairs;
        _rightOf = new int[pairs.Count];
        _leftOf = new int[rights];
        _depth = new int[pairs.Count];
        _next = new int[pairs.Count];
        Array.Fill(_rightOf, None);
        Array.Fill(_leftOf, None);
    }

    /// <summary>The number of pairs in a largest matching.</summary>
    /// <param name="pairs">For each object on the left, the objects on the right that it may be paired with.</param>
    /// <param name="rights">The number of objects on the right.</param>
    public static int Size(IReadOnlyList<int[]> pairs, int rights)
    {
        var matching = new BipartiteMatching(pairs, rights);
        var size = 0;
        while (matching.Layer())
        {
            Array.Clear(matching._next);
            size += Enumerable.Range(0, pairs.Count).Count(left => matching._rightOf[left] == None && matching.Augment(left));
        }

        return size;
    }

    /// <summary>Breadth first from the unpaired left objects: the depth of each, as deep as the nearest unpaired right object; whether there is one.</summary>
    private bool Layer()
    {
        var queue = new Queue<int>();
        for (var left = 0; left < _pairs.Count; left++)
        {
            _depth[left] = _rightOf[left] == None ? 0 : None;
            if (_depth[left] == 0)
            {
                queue.Enqueue(left);
            }
        }

        _deepest = int.MaxValue;
        while (queue.TryDequeue(out var left) && _depth[left] <= _deepest)
        {
            foreach (var right in _pairs[left])
            {
                var other = _leftOf[right];
                if (other == None)
                {
                    _deepest = _depth[left];
                }
                else if (_depth[other] == None)
                {
                    _depth[other] = _depth[left] + 1;
                    queue.Enqueue(other);
                }
            }
        }

        return _deepest != int.MaxValue;
    }

    /// <summary>Depth first along the layers; true when one more left object is paired. Recursion is as deep as there are layers.</summary>
    private bool Augment(int left)
    {
        for (; _depth[left] <= _deepest && _next[left] < _pairs[left].Length; _next[left]++)
        {
            var right = _pairs[left][_next[left]];
            var other = _leftOf[right];
            if (other == None || (_depth[other] == _depth[left] + 1 && Augment(other)))
            {
                _rightOf[left] = right;
                _leftOf[right] = left;
                return true;
            }
        }

        return false;
    }
}
