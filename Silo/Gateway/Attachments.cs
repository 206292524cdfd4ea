using PiGrid.Protocol;

namespace PiGrid.Silo.Gateway;

/// <summary>
/// Takes larger blobs out of a message, to be sent after it as they are: in JSON each would be a third longer, and be copied and scanned several times on both sides
/// while somebody waits for an online call.
/// </summary>
internal static class Attachments
{
    // Below, a frame of its own costs more than it saves.
    private const int BytesMin = 4 << 10;

    /// <summary>The message and what follows it.</summary>
    public static (NodeMessage Message, IReadOnlyList<byte[]> Attached) Detach(NodeMessage message)
    {
        if (message is not AssignMessage assign || !assign.Assignment.Inline.Any(IsLarge))
        {
            return (message, []);
        }

        var attached = assign.Assignment.Inline.Where(IsLarge).Take(NodeProtocol.AttachedMax).ToArray();
        return (
            assign with
            {
                Assignment = assign.Assignment with { Inline = [.. assign.Assignment.Inline.Except(attached)] },
                Attached = [.. attached.Select(bytes => bytes.Length)],
            },
            attached);
    }

    private static bool IsLarge(byte[] bytes) => bytes.Length is >= BytesMin and <= NodeProtocol.FrameBytesMax;
}
