namespace PiGrid.Inference.Inputs;

/// <summary>
/// Merges neighbouring tokens, best score first and leftmost among equals, in O(n log n): candidates wait in a heap, and one whose tokens
/// have changed since it was put there is dropped.
/// </summary>
/// <param name="tokens">The tokens to begin with; changed in place.</param>
/// <param name="merge">The union of two neighbours and its score, or null when the union is no token.</param>
internal sealed class PairMerger(List<int> tokens, Func<int, int, (int Token, float Score)?> merge)
{
    private const int Gone = -1;

    private readonly int[] _next = new int[tokens.Count];
    private readonly int[] _previous = new int[tokens.Count];
    private readonly PriorityQueue<(int Left, int Right, int LeftToken, int RightToken, int Union), (float Score, int Place)> _pairs = new(
        Comparer<(float Score, int Place)>.Create((a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Place.CompareTo(b.Place)));

    /// <summary>What is left when no pair can be merged.</summary>
    public List<int> Run()
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            (_previous[i], _next[i]) = (i - 1, i + 1 < tokens.Count ? i + 1 : Gone);
        }

        for (var i = 0; i + 1 < tokens.Count; i++)
        {
            Offer(i, i + 1);
        }

        while (_pairs.TryDequeue(out var pair, out _))
        {
            if (_next[pair.Left] == pair.Right && tokens[pair.Left] == pair.LeftToken && tokens[pair.Right] == pair.RightToken)
            {
                Join(pair.Left, pair.Right, pair.Union);
            }
        }

        tokens.RemoveAll(token => token == Gone);
        return tokens;
    }

    private void Join(int left, int right, int union)
    {
        tokens[left] = union;
        tokens[right] = Gone;
        _next[left] = _next[right];
        if (_next[left] != Gone)
        {
            _previous[_next[left]] = left;
            Offer(left, _next[left]);
        }

        if (_previous[left] != Gone)
        {
            Offer(_previous[left], left);
        }
    }

    private void Offer(int left, int right)
    {
        if (merge(tokens[left], tokens[right]) is var (union, score))
        {
            _pairs.Enqueue((left, right, tokens[left], tokens[right], union), (score, left));
        }
    }
}
