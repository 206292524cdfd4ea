using System.Collections.Concurrent;
using System.Net.WebSockets;

namespace PiGrid.Silo.Gateway;

/// <summary>The open sessions of this silo.</summary>
internal sealed class SessionTable
{
    private readonly ConcurrentDictionary<Guid, NodeSession> _sessions = new();

    /// <summary>How many there are.</summary>
    public int Count => _sessions.Count;

    /// <summary>Enters a session.</summary>
    public void Add(NodeSession session) => _sessions[session.Id] = session;

    /// <summary>Takes a session out.</summary>
    public void Remove(NodeSession session) => _sessions.TryRemove(session.Id, out _);

    /// <summary>Closes all, as the silo stops: nodes connect again elsewhere, or later.</summary>
    public void GoAway()
    {
        foreach (var session in _sessions.Values)
        {
            session.End(WebSocketCloseStatus.EndpointUnavailable, "the silo stops; connect again");
        }
    }
}
