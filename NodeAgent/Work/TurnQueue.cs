namespace PiGrid.NodeAgent.Work;

/// <summary>
/// Whose turn it is to use a worker: no more at once than the node has slots, in the order in which they came. Calls of one model that wait go together where the
/// model allows it, each slot's share of them in one run; nobody waits for others to come.
/// </summary>
/// <param name="slots">How many may use a worker at once, at least 1; it may change.</param>
/// <param name="bytesMax">The most bytes of inputs that go together: large ones gain nothing by it.</param>
internal sealed class TurnQueue(Func<int> slots, long bytesMax)
{
    private static readonly Task<IReadOnlyList<Turn>?> Alone = Task.FromResult<IReadOnlyList<Turn>?>([]);

    private readonly Lock _gate = new();
    private readonly LinkedList<Turn> _waiting = [];
    private readonly Dictionary<Sha256, int> _together = [];
    private int _taken;

    /// <summary>How many wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Whether some wait while several use a worker.</summary>
    public bool IsCrowded
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count > 0 && _taken > 1;
            }
        }
    }

    /// <summary>How many inputs of a model may go together, as a worker says. What one has found out holds for those that start afterwards.</summary>
    public void Learn(Sha256 model, int together)
    {
        lock (_gate)
        {
            _together[model] = Math.Min(together, _together.GetValueOrDefault(model, together));
        }
    }

    /// <summary>Takes a turn if a slot is free and nobody waits.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_waiting.Count > 0 || _taken >= slots())
            {
                return false;
            }

            _taken++;
            return true;
        }
    }

    /// <summary>Waits for the turn.</summary>
    /// <returns>Those that it takes along, whose outputs the caller gives to them before it leaves; null when another takes it along.</returns>
    /// <exception cref="OperationCanceledException">It waits no longer.</exception>
    public Task<IReadOnlyList<Turn>?> EnterAsync(Turn turn, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (TryEnter())
            {
                return Alone;
            }

            _waiting.AddLast(turn);
        }

        return WaitAsync(turn, cancellationToken);
    }

    /// <summary>The worker is free for the next, which goes on at once, on the caller's thread: each change of thread would leave a worker without work for as long.</summary>
    public void Leave()
    {
        List<(Turn Turn, IReadOnlyList<Turn> Along)> come = [];
        lock (_gate)
        {
            _taken--;
            while (_taken < slots() && _waiting.First is { Value: var next })
            {
                _taken++;
                _waiting.RemoveFirst();
                come.Add((next, TakeAlong(next)));
            }
        }

        foreach (var (turn, along) in come)
        {
            turn.Come.TrySetResult(along);
            foreach (var other in along)
            {
                other.Come.TrySetResult(null);
            }
        }
    }

    private async Task<IReadOnlyList<Turn>?> WaitAsync(Turn turn, CancellationToken cancellationToken)
    {
        await using var cancelled = cancellationToken.UnsafeRegister(_ => Withdraw(turn, cancellationToken), null);
        return await turn.Come.Task;
    }

    private void Withdraw(Turn turn, CancellationToken cancellationToken)
    {
        bool waited;
        lock (_gate)
        {
            waited = _waiting.Remove(turn);
        }

        if (waited)
        {
            turn.Come.TrySetCanceled(cancellationToken);
        }
    }

    private List<Turn> TakeAlong(Turn first)
    {
        var along = new List<Turn>();
        if (first.Model is not { } model || _together.GetValueOrDefault(model, 1) is var most && most == 1)
        {
            return along;
        }

        // The other slots want their share.
        var alike = _waiting.Where(t => t.Model == model).ToArray();
        var share = Math.Min(most, (alike.Length + slots()) / slots());
        var bytes = first.Input.LongLength;
        foreach (var turn in alike.TakeWhile(t => along.Count + 1 < share && (bytes += t.Input.LongLength) <= bytesMax))
        {
            along.Add(turn);
            _waiting.Remove(turn);
        }

        return along;
    }
}
