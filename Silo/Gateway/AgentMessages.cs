using System.Text.Json;
using PiGrid.Protocol;

namespace PiGrid.Silo.Gateway;

/// <summary>Reads what a node sends: a message, or the error that it is answered with.</summary>
internal static class AgentMessages
{
    // By the type's word; the attributes of AgentMessage name the same, which a test holds them to.
    private static readonly HashSet<string> Known =
        ["hello", "prove", "heartbeat", "accept", "decline", "progress", "result", "fail", "goodbye", "model_proof"];

    /// <summary>The message, or why it is none.</summary>
    public static (AgentMessage? Message, ErrorMessage? Error) Read(ReadOnlySpan<byte> utf8)
    {
        try
        {
            if (MessageType.Of(utf8) is not { } type)
            {
                return (null, Malformed("a message is a JSON object with a 'type'"));
            }

            if (!Known.Contains(type))
            {
                var named = type.Length <= 40 ? type : type[..40] + "...";
                return (null, new ErrorMessage(
                    "unknown_message", $"This silo knows no message of type '{named}'; it ignored it. Protocol version {NodeProtocol.Version} has {string.Join(", ", Known)}."));
            }

            return JsonSerializer.Deserialize<AgentMessage>(utf8, GridJson.Wire) is { } message
                ? (message, null)
                : (null, Malformed("null"));
        }
        catch (JsonException e)
        {
            return (null, Malformed($"{e.Path ?? "$"}: {e.Message}"));
        }
        catch (InvalidOperationException e)
        {
            // Half of a surrogate pair in the type.
            return (null, Malformed(e.Message));
        }
    }

    /// <summary>The error for a message that cannot be read.</summary>
    public static ErrorMessage Malformed(string what) => new("malformed", $"The message cannot be read and was ignored: {what}.");
}
