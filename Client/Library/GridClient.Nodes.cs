using PiGrid.Api;
using PiGrid.Client.Http;

namespace PiGrid.Client;

/// <content>Nodes and credentials; for the operator.</content>
public sealed partial class GridClient
{
    /// <summary>All nodes, newest first.</summary>
    public IAsyncEnumerable<NodeStatus> ListNodesAsync(CancellationToken cancellationToken = default) =>
        ListAsync<NodeStatus>("api/nodes?limit=100", cancellationToken);

    /// <summary>How a node stands; null when there is none.</summary>
    public Task<NodeStatus?> FindNodeAsync(NodeId node, CancellationToken cancellationToken = default) =>
        _transport.FindAsync<NodeStatus>(GridCall.Get($"api/nodes/{node}"), cancellationToken);

    /// <summary>Lets a node take nothing new (true), or take work again.</summary>
    public Task<NodeStatus> DrainNodeAsync(NodeId node, bool drain, CancellationToken cancellationToken = default) =>
        _transport.SendAsync<NodeStatus>(GridCall.Post($"api/nodes/{node}/drain", new DrainRequest(drain), safe: true), cancellationToken);

    /// <summary>Bans a node's owner with all nodes.</summary>
    public Task<NodeStatus> BanNodeAsync(NodeId node, string reason, CancellationToken cancellationToken = default) =>
        _transport.SendAsync<NodeStatus>(GridCall.Post($"api/nodes/{node}/ban", new ReasonRequest(reason), safe: true), cancellationToken);

    /// <summary>Ends the ban of a node's owner.</summary>
    public Task<NodeStatus> UnbanNodeAsync(NodeId node, CancellationToken cancellationToken = default) =>
        _transport.SendAsync<NodeStatus>(new GridCall(HttpMethod.Post, $"api/nodes/{node}/unban") { Safe = true }, cancellationToken);

    /// <summary>Makes a credential; its secret is shown this once. Not retried: a second try could make a second one.</summary>
    public Task<CreateTokenResponse> CreateTokenAsync(CreateTokenRequest request, CancellationToken cancellationToken = default) =>
        _transport.SendAsync<CreateTokenResponse>(GridCall.Post("api/tokens", request, safe: false), cancellationToken);

    /// <summary>All credentials, newest first, without secrets.</summary>
    public IAsyncEnumerable<CredentialInfo> ListTokensAsync(CancellationToken cancellationToken = default) =>
        ListAsync<CredentialInfo>("api/tokens?limit=100", cancellationToken);

    /// <summary>Gives a credential a new secret, shown this once; the old ones are good for a while. Not retried.</summary>
    /// <exception cref="GridApiException">There is no such credential that is good.</exception>
    public Task<CreateTokenResponse> RotateTokenAsync(TokenId token, TimeSpan grace, CancellationToken cancellationToken = default) =>
        _transport.SendAsync<CreateTokenResponse>(
            GridCall.Post($"api/tokens/{token}/rotate", new RotateTokenRequest { GraceSeconds = grace.TotalSeconds }, safe: false), cancellationToken);

    /// <summary>Revokes a credential.</summary>
    /// <exception cref="GridApiException">There is no such credential.</exception>
    public async Task RevokeTokenAsync(TokenId token, CancellationToken cancellationToken = default)
    {
        using var response = await _transport
            .OpenAsync(new GridCall(HttpMethod.Delete, $"api/tokens/{token}") { Safe = true }, cancellationToken).ConfigureAwait(false);
    }
}
