using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text.Json;
using Orleans;
using PiGrid.Grains.Security;
using PiGrid.Protocol;

namespace PiGrid.Silo.Gateway;

/// <summary>What a connection has proven.</summary>
/// <param name="Node">The node.</param>
/// <param name="Proof">What it said with its proof.</param>
internal sealed record ProvenNode(NodeId Node, ProveMessage Proof);

/// <summary>Why a connection is refused.</summary>
/// <param name="Code">A stable word for programs.</param>
/// <param name="Message">What was wrong and what to do.</param>
internal sealed record HandshakeRefusal(string Code, string Message);

/// <summary>
/// Hello, challenge, prove. The challenge is random and lives on this connection alone, so that a recorded proof proves nothing anywhere else.
/// </summary>
internal sealed class Handshake(IGrainFactory grains, IGridSigner signer, GatewayOptions options)
{
    /// <summary>Runs it.</summary>
    /// <returns>The proven node, or why there is none; neither when the other side left.</returns>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    public async Task<(ProvenNode? Node, HandshakeRefusal? Refused)> RunAsync(WebSocket socket, FrameReader frames, CancellationToken cancellationToken)
    {
        var (hello, refused) = await ReceiveAsync<HelloMessage>(frames, "hello", cancellationToken);
        if (hello is null)
        {
            return (null, refused);
        }

        if (!hello.Versions.Contains(NodeProtocol.Version))
        {
            return (null, new("no_common_version", $"This silo speaks version {NodeProtocol.Version}, the node {string.Join(", ", hello.Versions.Take(16))}: update the older one."));
        }

        if (await grains.GetGrain<INodeGrain>(hello.Node.Value).GetRecord() is not { } record)
        {
            return (null, new("not_enrolled", $"This grid knows no node {hello.Node}: enrol it with a token."));
        }

        var challenge = new ChallengeMessage
        {
            Nonce = RandomNumberGenerator.GetBytes(32),
            Version = NodeProtocol.Version,
            GridKey = signer.PublicKey,
        };
        var frame = JsonSerializer.SerializeToUtf8Bytes<NodeMessage>(challenge, GridJson.Wire);
        await socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        (var proof, refused) = await ReceiveAsync<ProveMessage>(frames, "prove", cancellationToken);
        if (proof is null)
        {
            return (null, refused);
        }

        return Check(proof, challenge, record) is { } problem ? (null, problem) : (new ProvenNode(record.Id, proof), null);
    }

    private HandshakeRefusal? Check(ProveMessage proof, ChallengeMessage challenge, NodeRecord record)
    {
        var statement = CanonicalJson.Serialize(new ProofStatement
        {
            Type = ProofStatement.TypeV1,
            GridKey = challenge.GridKey,
            Nonce = challenge.Nonce,
            Node = record.Id,
            Version = challenge.Version,
        });
        if (!Signatures.Verify(record.PublicKey, statement, proof.Signature))
        {
            return new("bad_signature", "The proof is not the node's signature over this challenge: sign the challenge of this connection, with the key that was enrolled.");
        }

        if (proof.Leases.Count > options.LeasesReportedMax)
        {
            return new("invalid", $"The node reports {proof.Leases.Count} leases; at most {options.LeasesReportedMax} are taken.");
        }

        return (ProfileRules.Check(proof.Profile, new Amount(options.PriceMax)) ?? ProfileRules.Check(proof.Heartbeat)) is { } invalid
            ? new("invalid", $"The proof is out of bounds: {invalid}.")
            : null;
    }

    private static async Task<(T? Message, HandshakeRefusal? Refused)> ReceiveAsync<T>(FrameReader frames, string wanted, CancellationToken cancellationToken)
        where T : AgentMessage
    {
        var (kind, bytes) = await frames.ReadAsync(cancellationToken);
        switch (kind)
        {
            case FrameKind.Closed:
                return (null, null);
            case FrameKind.TooLarge:
                return (null, new("too_large", $"A message has at most {NodeProtocol.FrameBytesMax} bytes."));
            case FrameKind.Binary:
                return (null, new("malformed", "Messages are text."));
            case FrameKind.Text:
            default:
                var (message, error) = AgentMessages.Read(bytes.Span);
                return message is T expected
                    ? (expected, null)
                    : (null, new(error?.Code ?? "unexpected_message", error?.Message ?? $"'{wanted}' is expected here."));
        }
    }
}
