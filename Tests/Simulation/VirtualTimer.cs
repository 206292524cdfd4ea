namespace PiGrid.Tests.Simulation;

/// <summary>A grain's or an agent's timer: it fires once at the instant that it was last set to. Putting it off costs nothing.</summary>
internal sealed class VirtualTimer(EventQueue queue, Action fire)
{
    private DateTimeOffset? _at;
    private DateTimeOffset? _entered;
    private int _round;

    /// <summary>Sets it.</summary>
    public void Set(TimeSpan due)
    {
        _at = due > TimeSpan.Zero ? queue.Now + due : queue.Now;
        if (!(_entered <= _at))
        {
            Enter();
        }
    }

    /// <summary>It does not fire.</summary>
    public void Stop() => _at = null;

    private void Enter()
    {
        var round = ++_round;
        _entered = _at;
        queue.After(_at!.Value - queue.Now, () => Look(round));
    }

    private void Look(int round)
    {
        if (round != _round)
        {
            return;
        }

        _entered = null;
        if (_at > queue.Now)
        {
            Enter();
        }
        else if (_at is not null)
        {
            _at = null;
            fire();
        }
    }
}
