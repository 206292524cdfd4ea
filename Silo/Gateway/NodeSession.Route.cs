using System.Net.WebSockets;
using PiGrid.Protocol;

namespace PiGrid.Silo.Gateway;

/// <content>From the node's messages to its grain.</content>
internal sealed partial class NodeSession
{
    private async Task RouteAsync(AgentMessage message)
    {
        try
        {
            switch (message)
            {
                case HeartbeatMessage { Heartbeat: var heartbeat }:
                    await HeartbeatAsync(heartbeat);
                    break;
                case AcceptMessage accept:
                    await _node.LeaseChanged(Id, accept.Lease, ReplicaState.Accepted, reason: null);
                    break;
                case DeclineMessage decline:
                    await _node.LeaseChanged(Id, decline.Lease, ReplicaState.Declined, Texts.Shorten(decline.Reason, Texts.ReasonMax));
                    break;
                case FailMessage fail:
                    await _node.LeaseChanged(Id, fail.Lease, ReplicaState.Failed, Texts.Shorten(fail.Reason, Texts.ReasonMax));
                    break;
                case ResultMessage { Result: var result }:
                    await ResultAsync(result);
                    break;
                case ProgressMessage progress:
                    // A sign of life: it has moved the session's silence on.
                    Progressed(Node.Value, progress.Lease.Value, progress.Done);
                    break;
                case ModelProofMessage { Nonce.Length: ModelChallenge.NonceLength } proof:
                    await _node.ModelProof(Id, proof.Nonce, proof.Digest, proof.Problem is { } problem ? Texts.Shorten(problem, Texts.ReasonMax) : null);
                    break;
                case GoodbyeMessage goodbye:
                    End(WebSocketCloseStatus.NormalClosure, "goodbye: " + Texts.Shorten(goodbye.Reason, Texts.ReasonMax));
                    break;
                default:
                    Refuse(new ErrorMessage("unexpected_message", "The handshake is over: this message has no place here."));
                    break;
            }
        }
        catch (Exception e) when (e is TimeoutException or IOException or Orleans.Runtime.OrleansException)
        {
            // The node keeps its results until it has a verdict, and sends them again when it reconnects.
            NotRouted(e, Node.Value, message.GetType().Name);
            End(WebSocketCloseStatus.InternalServerError, "the grid could not take a message; connect again");
        }
    }

    private async Task HeartbeatAsync(NodeHeartbeat heartbeat)
    {
        if (ProfileRules.Check(heartbeat) is { } invalid)
        {
            Refuse(new ErrorMessage("invalid", $"The heartbeat is out of bounds and was ignored: {invalid}."));
            return;
        }

        if (!await _node.Heartbeat(Id, heartbeat))
        {
            End(WebSocketCloseStatus.EndpointUnavailable, "the grid has lost sight of the session; connect again");
        }
    }

    private async Task ResultAsync(SignedResult result)
    {
        // The key that a signature is checked with is the enrolled one, never one that comes with the result.
        var receipt = await _node.Result(Id, result with { PublicKey = null });
        if (receipt.Verdict is { } verdict)
        {
            _queue.TrySend(new VerdictMessage(result.Lease.Lease.Id, verdict, receipt.Reason));
        }
    }
}
