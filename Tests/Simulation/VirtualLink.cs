using PiGrid.Grains.Nodes;
using PiGrid.Protocol;

namespace PiGrid.Tests.Simulation;

/// <summary>
/// One connection of a node with the silo's gateway: in order, and over for good once it is cut. Each end learns of a cut when its machine tells it,
/// or only by the other's silence.
/// </summary>
internal sealed class VirtualLink(VirtualGrid grid, VirtualAgent agent, TimeSpan way) : INodeSession
{
    // A silent connection is given up by the agent's keep-alive.
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    private readonly SiloStart _silo = grid.Silo.StartedAt;
    private bool _isCut;
    private bool _isOpenAtSilo = true;
    private bool _isOpenAtAgent = true;
    private DateTimeOffset _lastUp;
    private DateTimeOffset _lastDown;

    /// <summary>The session's id.</summary>
    public Guid Session { get; } = grid.NewGuid();

    /// <summary>Sends a message of the agent to its node's grain.</summary>
    public void Up(Action<VirtualNode> call)
    {
        if (!_isOpenAtAgent || grid.LosesFrame())
        {
            return;
        }

        for (var copies = grid.RepeatsFrame() ? 2 : 1; copies > 0; copies--)
        {
            _lastUp = Later(_lastUp);
            grid.Queue.After(_lastUp - grid.Queue.Now, () =>
            {
                if (!_isCut && _isOpenAtSilo && LivesSilo)
                {
                    grid.Silo.ToNode(agent.Id, call);
                }
            });
        }
    }

    /// <summary>Sends a message of the grid to the agent.</summary>
    /// <returns>False when the connection is known to be over.</returns>
    public bool TryPush(NodeMessage message)
    {
        Down(() => agent.Receive(this, message));
        return _isOpenAtSilo;
    }

    /// <summary>Sends anything to the agent.</summary>
    public void Down(Action arrive)
    {
        if (!_isOpenAtSilo || grid.LosesFrame())
        {
            return;
        }

        for (var copies = grid.RepeatsFrame() ? 2 : 1; copies > 0; copies--)
        {
            _lastDown = Later(_lastDown);
            grid.Queue.After(_lastDown - grid.Queue.Now, () =>
            {
                if (!_isCut && _isOpenAtAgent)
                {
                    arrive();
                }
            });
        }
    }

    /// <summary>The silo closes it; what was sent before still arrives.</summary>
    public void CloseBySilo()
    {
        if (!_isOpenAtSilo)
        {
            return;
        }

        var notice = Later(_lastDown) - grid.Queue.Now;
        LearnAtSilo();
        LearnAtAgent(_isCut ? KeepAlive : notice);
    }

    /// <summary>The connection breaks: what is on its way is lost.</summary>
    /// <param name="atSilo">When the silo learns of it; null for never.</param>
    /// <param name="atAgent">When the agent learns of it; null for by its keep-alive.</param>
    public void Cut(TimeSpan? atSilo, TimeSpan? atAgent)
    {
        _isCut = true;
        if (atSilo is { } soon)
        {
            grid.Queue.After(soon, LearnAtSilo);
        }

        LearnAtAgent(atAgent ?? KeepAlive);
    }

    /// <summary>The agent's program is gone, and with it its end.</summary>
    public void Abandon() => _isOpenAtAgent = false;

    /// <inheritdoc/>
    Task INodeSession.Push(NodeMessage message) => throw new NotSupportedException();

    /// <inheritdoc/>
    Task INodeSession.Close(string reason) => throw new NotSupportedException();

    private bool LivesSilo => grid.Silo.IsUp && ReferenceEquals(_silo, grid.Silo.StartedAt);

    private void LearnAtSilo()
    {
        if (_isOpenAtSilo)
        {
            _isOpenAtSilo = false;
            if (LivesSilo)
            {
                grid.Silo.ToNode(agent.Id, n => n.Disconnect(Session, "the connection is closed"));
            }
        }
    }

    private void LearnAtAgent(TimeSpan after) => grid.Queue.After(after, () =>
    {
        if (_isOpenAtAgent)
        {
            _isOpenAtAgent = false;
            agent.Lost(this);
        }
    });

    private DateTimeOffset Later(DateTimeOffset last)
    {
        var at = grid.Queue.Now + way + grid.FrameDelay();
        return at > last ? at : last;
    }
}
