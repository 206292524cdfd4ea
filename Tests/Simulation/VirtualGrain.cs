namespace PiGrid.Tests.Simulation;

/// <summary>A grain's activation in virtual time: one turn after the other, and no turn while a durable write is awaited.</summary>
internal abstract class VirtualGrain(VirtualSilo silo)
{
    private Queue<Action>? _mailbox;
    private int _writing;

    /// <summary>Whether the activation is over: its silo crashed, or it gave itself up.</summary>
    public bool IsGone { get; set; }

    /// <summary>The silo that it lives on.</summary>
    protected VirtualSilo Silo { get; } = silo;

    /// <summary>The instant, by the silo's clock.</summary>
    protected DateTimeOffset Now => Silo.Now;

    /// <summary>A message: it has its turn now, or after those before it.</summary>
    public void Deliver(Action turn)
    {
        if (IsGone)
        {
            return;
        }

        if (_writing > 0)
        {
            (_mailbox ??= []).Enqueue(turn);
        }
        else
        {
            turn();
        }
    }

    /// <summary>Writes; the turn goes on in one of the last two. A crash may come before the write, after it, or between it and its answer.</summary>
    /// <param name="land">Makes the change durable.</param>
    /// <param name="written">It is.</param>
    /// <param name="failed">It is not, and will not be.</param>
    protected void Write(Action land, Action written, Action failed)
    {
        _writing++;
        var fails = Silo.Grid.WriteFails();
        var half = Silo.Grid.Plan.Write / 2;
        Silo.Grid.Queue.After(half, () =>
        {
            if (!IsGone && !fails)
            {
                land();
            }
        });
        Silo.Grid.Queue.After(half * 2, () =>
        {
            if (IsGone)
            {
                return;
            }

            Silo.Heard(fails);

            _writing--;
            (fails ? failed : written)();
            while (_writing == 0 && !IsGone && _mailbox?.TryDequeue(out var turn) == true)
            {
                turn();
            }
        });
    }

    /// <summary>A timer that lives as long as the activation.</summary>
    protected VirtualTimer Timer(Action fire) => new(Silo.Grid.Queue, () => Deliver(fire));
}
