using System.Text.Json;
using PiGrid.Protocol;

namespace PiGrid.NodeAgent.Session;

/// <summary>Reads what the grid sends. A message of a newer protocol is ignored politely; what is no message at all is a fault of the connection.</summary>
internal static class NodeMessages
{
    // By the type's word, as NodeMessage's attributes name them.
    private static readonly HashSet<string> Known = ["challenge", "welcome", "assign", "cancel", "renew", "config", "model_challenge", "result_verdict", "error"];

    /// <summary>The message; null with the word of a type that is not known.</summary>
    /// <exception cref="JsonException">The bytes are no message.</exception>
    public static NodeMessage? Read(ReadOnlyMemory<byte> utf8, out string? unknown)
    {
        try
        {
            var type = MessageType.Of(utf8.Span) ?? throw new JsonException("A message is a JSON object with a 'type'.");
            unknown = Known.Contains(type) ? null : type.Length <= 40 ? type : type[..40];
            return unknown is null ? JsonSerializer.Deserialize<NodeMessage>(utf8.Span, GridJson.Wire) : null;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("A message's 'type' is no text.", e);
        }
    }
}
