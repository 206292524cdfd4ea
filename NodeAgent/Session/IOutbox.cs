using PiGrid.Protocol;

namespace PiGrid.NodeAgent.Session;

/// <summary>The way to the grid, while there is one.</summary>
internal interface IOutbox
{
    /// <summary>What the session's welcome said; null without a session.</summary>
    WelcomeMessage? Welcome { get; }

    /// <summary>Sends a message, if there is a session: what is lost with a connection is told again by the next one's proof.</summary>
    /// <returns>Whether it is on its way.</returns>
    bool TrySend(AgentMessage message);
}
