using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using PiGrid.Api;
using PiGrid.Protocol;

namespace PiGrid.NodeAgent.Identity;

/// <summary>Enrols the node: shows the token and proves the key, learns the grid's key.</summary>
internal sealed class EnrolClient(HttpClient http, GridAddress address, NodeKey key)
{
    /// <summary>Enrols. Enrolling again with the same key is harmless.</summary>
    /// <param name="token">The enrolment token.</param>
    /// <param name="owner">The owner's name; null to be an owner of its own.</param>
    /// <param name="pinned">The grid's key from an earlier enrolment; null when there was none.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="AgentException">The grid refuses, or is another one than before.</exception>
    /// <exception cref="HttpRequestException">The grid cannot be reached, or is busy: try again later.</exception>
    public async Task<EnrolmentRecord> EnrolAsync(string token, string? owner, byte[]? pinned, CancellationToken cancellationToken)
    {
        var request = new EnrolRequest
        {
            Token = token,
            PublicKey = key.PublicKey,
            Owner = owner,
            Signature = key.Sign(NodeProtocol.EnrolBytes(token)),
        };
        using var response = await http.PostAsJsonAsync(address.Enrol, request, GridJson.Wire, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw await RefusalAsync(response, cancellationToken);
        }

        var answer = await ReadAsync<EnrolResponse>(response, cancellationToken)
            ?? throw new AgentException(ExitCode.Refused, $"{address} answered the enrolment with something else than a grid does. Check --grid.");
        if (answer.Node != key.Node)
        {
            throw new AgentException(ExitCode.Refused, $"{address} enrolled this node as {answer.Node}, but its key makes it {key.Node}. Check --grid.");
        }

        CheckPin(pinned, answer.GridKey, address);
        return new EnrolmentRecord
        {
            Grid = address.ToString(),
            GridKey = answer.GridKey,
            Node = answer.Node,
            Owner = answer.Owner,
            Operator = answer.Operator,
        };
    }

    /// <summary>Refuses any other grid than the pinned one.</summary>
    /// <exception cref="AgentException">The keys differ.</exception>
    public static void CheckPin(byte[]? pinned, byte[] shown, GridAddress address)
    {
        if (pinned is not null && !pinned.AsSpan().SequenceEqual(shown))
        {
            throw new AgentException(
                ExitCode.OtherGrid,
                $"Another grid answers at {address}: its key is {Fingerprint(shown)}, and this node enrolled with {Fingerprint(pinned)}. "
                + "If the operator confirms that the grid was set up anew, start with an empty --data folder; otherwise somebody is in between.");
        }
    }

    private static string Fingerprint(byte[] key) => Sha256.Of(key).Value[..16];

    private async Task<Exception> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var error = (await ReadAsync<ApiError>(response, cancellationToken))?.Error;
        var said = error is null ? $"HTTP status {(int)response.StatusCode}" : $"{error.Message} ({error.Code})";
        return response.StatusCode is >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout
            ? new HttpRequestException($"{address} could not enrol the node now: {said}", null, response.StatusCode)
            : new AgentException(ExitCode.Refused, $"{address} refuses to enrol this node: {said}");
    }

    private static async Task<T?> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await response.Content.ReadFromJsonAsync<T>(GridJson.Wire, cancellationToken);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }
}
