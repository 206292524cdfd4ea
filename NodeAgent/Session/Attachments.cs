using PiGrid.Protocol;

namespace PiGrid.NodeAgent.Session;

/// <summary>Puts the blobs that follow an assignment into it.</summary>
internal static class Attachments
{
    /// <summary>Reads what follows the message.</summary>
    /// <returns>The message, whole; null when what follows is not what it says.</returns>
    /// <exception cref="System.Net.WebSockets.WebSocketException">The connection broke.</exception>
    public static async ValueTask<NodeMessage?> TakeAsync(NodeMessage message, FrameReader frames, CancellationToken cancellationToken)
    {
        if (message is not AssignMessage { Attached: { Count: > 0 } sizes } assign)
        {
            return message;
        }

        if (sizes.Count > NodeProtocol.AttachedMax || sizes.Any(size => size is < 1 or > NodeProtocol.FrameBytesMax))
        {
            return null;
        }

        var blobs = new List<byte[]>(assign.Assignment.Inline);
        foreach (var size in sizes)
        {
            if (await frames.ReadBinaryAsync(size, cancellationToken) is not { } bytes)
            {
                return null;
            }

            blobs.Add(bytes);
        }

        return assign with { Assignment = assign.Assignment with { Inline = blobs }, Attached = null };
    }
}
