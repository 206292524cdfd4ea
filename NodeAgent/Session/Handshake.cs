using System.Net.WebSockets;
using System.Text.Json;
using PiGrid.NodeAgent.Identity;
using PiGrid.NodeAgent.Work;
using PiGrid.Protocol;

namespace PiGrid.NodeAgent.Session;

/// <summary>Hello, challenge, prove, welcome.</summary>
internal sealed class Handshake(NodeKey key, GridAddress address, AgentStanding standing, LeaseDesk desk, Cache.BlobCache cache)
{
    private const int EarlyMax = 64;

    /// <summary>Runs it.</summary>
    /// <returns>The welcome and whatever the grid sent before it, or why there is none.</returns>
    /// <exception cref="AgentException">This grid will never take this node: it is another grid, or speaks no version that this agent does.</exception>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    /// <exception cref="JsonException">The grid sent what is no message, or not the one that was due.</exception>
    public async Task<(WelcomeMessage? Welcome, IReadOnlyList<NodeMessage> Early, SessionEnd? Refused)> RunAsync(
        WebSocket socket, FrameReader frames, CancellationToken cancellationToken)
    {
        await SendAsync(socket, new HelloMessage(key.Node, [NodeProtocol.Version]), cancellationToken);
        List<NodeMessage> early = [];
        var proven = false;
        while (early.Count <= EarlyMax)
        {
            switch (await ReceiveAsync(frames, cancellationToken))
            {
                case ErrorMessage error:
                    return (null, [], Refuse(error));
                case ChallengeMessage challenge when !proven:
                    Check(challenge);
                    await SendAsync(socket, Prove(challenge), cancellationToken);
                    proven = true;
                    break;
                case WelcomeMessage welcome when proven:
                    return (welcome, early, null);
                case { } message when proven:
                    early.Add(message);
                    break;
                default:
                    throw new JsonException("A challenge was due.");
            }
        }

        throw new JsonException("A welcome was due.");
    }

    private void Check(ChallengeMessage challenge)
    {
        if (challenge.Version != NodeProtocol.Version)
        {
            throw new AgentException(
                ExitCode.Refused, $"{address} wants protocol version {challenge.Version}, and this agent speaks {NodeProtocol.Version}. Update the agent.");
        }

        EnrolClient.CheckPin(standing.GridKey, challenge.GridKey, address);
    }

    /// <summary>What a refusal means.</summary>
    /// <exception cref="AgentException">It is for good.</exception>
    private SessionEnd Refuse(ErrorMessage error) => error.Code switch
    {
        "not_enrolled" => new(SessionEndKind.NotEnrolled, error.Message, WasOpen: false),
        "no_common_version" or "bad_signature" => throw new AgentException(ExitCode.Refused, $"{address} refuses this node: {error.Message} ({error.Code})"),
        _ => new(SessionEndKind.Lost, $"{error.Message} ({error.Code})", WasOpen: false),
    };

    private ProveMessage Prove(ChallengeMessage challenge) => new()
    {
        Signature = key.Sign(CanonicalJson.Serialize(new ProofStatement
        {
            Type = ProofStatement.TypeV1,
            GridKey = challenge.GridKey,
            Nonce = challenge.Nonce,
            Node = key.Node,
            Version = challenge.Version,
        })),
        Profile = standing.Profile(),
        Heartbeat = standing.Heartbeat(desk.Progress, cache.Digests),
        Leases = desk.Held,
    };

    private static async Task<NodeMessage> ReceiveAsync(FrameReader frames, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (kind, bytes) = await frames.ReadAsync(cancellationToken);
            if (kind == FrameKind.Closed)
            {
                throw new WebSocketException("the grid closed the connection");
            }

            if (kind != FrameKind.Text)
            {
                throw new JsonException($"A text message of at most {NodeProtocol.FrameBytesMax} bytes was due.");
            }

            if (NodeMessages.Read(bytes, out _) is { } message)
            {
                return await Attachments.TakeAsync(message, frames, cancellationToken)
                    ?? throw new JsonException("What follows an assignment was not what it said.");
            }
        }
    }

    private static ValueTask SendAsync(WebSocket socket, AgentMessage message, CancellationToken cancellationToken) =>
        socket.SendAsync(Outbox.Encode(message).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
}
