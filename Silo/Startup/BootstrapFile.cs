using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Orleans;
using PiGrid.Api;
using PiGrid.Grains.Storage;
using PiGrid.Silo.Hosting;

namespace PiGrid.Silo.Startup;

/// <summary>
/// <c>bootstrap.json</c>: the first key and tokens of a new grid. The file is written before the grid knows the credentials in it, and entered
/// again at every start, so that a crash in between leaves no grid that nobody can enter. Whoever has kept its secrets elsewhere may delete it.
/// </summary>
internal sealed class BootstrapFile(
    DataFolder folder, IGrainFactory grains, IServer server, IOptions<SiloOptions> options, TimeProvider time)
{
    private const string EnrolmentName = "bootstrap enrolment";

    private IAccessGrain Access => grains.GetGrain<IAccessGrain>(IAccessGrain.Key);

    /// <summary>Makes the file for a new grid; keeps its address and its credentials true for an old one.</summary>
    /// <exception cref="StorageException">It cannot be read or written.</exception>
    public async Task ReconcileAsync()
    {
        var known = await Access.List();
        var found = Read();
        if (found is null && known.Count > 0)
        {
            await RevokeEnrolmentIfOffAsync(known);
            return;
        }

        var url = server.Features.Get<IServerAddressesFeature>()!.Addresses.First();
        if (found is null)
        {
            // Another silo of the grid may be faster; then its file counts.
            SecretFile.WriteNew(folder.Bootstrap, Text(Make(url)));
            found = Read() ?? throw new StorageException($"{folder.Bootstrap} disappeared while it was read: start the silo again.");
        }

        // Of a file that several silos share, the address stays the first one's.
        var wanted = folder.Shared == folder.Root ? found with { Url = url } : found;
        wanted = options.Value.EnrolmentToken ? wanted : wanted with { EnrolmentToken = null };
        if (wanted != found)
        {
            SecretFile.Write(folder.Bootstrap, Text(wanted));
        }

        await RevokeEnrolmentIfOffAsync(known);
        await EnterAsync(CredentialKind.Operator, "bootstrap operator", wanted.OperatorKey);
        await EnterAsync(CredentialKind.OperatorNode, "bootstrap operator node", wanted.OperatorNodeToken);
        await EnterAsync(CredentialKind.Enrolment, EnrolmentName, wanted.EnrolmentToken);
    }

    private static string Text(Bootstrap bootstrap) => JsonSerializer.Serialize(bootstrap, GridJson.Indented) + "\n";

    private static Bootstrap Make(string url) => new()
    {
        Url = url,
        OperatorKey = Secrets.New(CredentialKind.Operator),
        EnrolmentToken = Secrets.New(CredentialKind.Enrolment),
        OperatorNodeToken = Secrets.New(CredentialKind.OperatorNode),
    };

    private Bootstrap? Read()
    {
        try
        {
            return File.Exists(folder.Bootstrap) ? JsonSerializer.Deserialize<Bootstrap>(File.ReadAllBytes(folder.Bootstrap), GridJson.Wire) : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{folder.Bootstrap} cannot be read ({e.Message}): restore or delete it.", e);
        }
    }

    // Entering a secret that the grid knows, revoked or not, changes nothing.
    private Task EnterAsync(CredentialKind kind, string name, string? secret) => secret is null
        ? Task.CompletedTask
        : Access.Add(
            new CredentialInfo { Id = NewId.Token(), Kind = kind, Name = name, CreatedAt = time.GetUtcNow() }, Secrets.DigestOf(secret));

    private async Task RevokeEnrolmentIfOffAsync(IReadOnlyList<CredentialInfo> known)
    {
        if (!options.Value.EnrolmentToken)
        {
            foreach (var token in known.Where(c => c is { Name: EnrolmentName, Kind: CredentialKind.Enrolment, RevokedAt: null }))
            {
                await Access.Revoke(token.Id);
            }
        }
    }
}
