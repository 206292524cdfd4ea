using System.Net.WebSockets;

namespace PiGrid.NodeAgent.Session;

/// <summary>What a WebSocket throws when its connection is gone.</summary>
internal static class BrokenSocket
{
    /// <summary>
    /// Whether an exception says that and no more. An aborted socket is a disposed one: whoever sends at that moment hears of that instead of the
    /// break.
    /// </summary>
    public static bool Is(Exception e) => e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException;
}
