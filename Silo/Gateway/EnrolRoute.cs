using System.Security.Cryptography;
using Orleans;
using PiGrid.Grains.Security;
using PiGrid.Protocol;
using PiGrid.Silo.Api;
using PiGrid.Silo.Startup;

namespace PiGrid.Silo.Gateway;

/// <summary><c>POST /node/enrol</c>: a node shows a token and proves its key, and becomes one of the grid's.</summary>
internal sealed partial class EnrolRoute(IGrainFactory grains, IGridSigner signer, TimeProvider time, ILogger<EnrolRoute> logger)
{
    private const int BodyBytesMax = 16 << 10;

    /// <summary>Handles the request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        if (await JsonBody.ReadAsync<EnrolRequest>(context, GridJson.Wire, BodyBytesMax) is not { } request
            || await RefuseAsync(context, request))
        {
            return;
        }

        var token = await grains.GetGrain<IAccessGrain>(IAccessGrain.Key).Check(Secrets.DigestOf(request.Token));
        if (token is not { Kind: CredentialKind.Enrolment or CredentialKind.OperatorNode })
        {
            await Answers.ErrorAsync(context, 401, "unauthorized", token is null
                ? "The enrolment token is unknown, revoked or over: ask the grid's operator for one."
                : "This is an API key, not an enrolment token: ask the grid's operator for one.");
            return;
        }

        var id = Signatures.NodeIdOf(request.PublicKey);
        var node = grains.GetGrain<INodeGrain>(id.Value);
        var record = await node.GetRecord();
        if (record is null)
        {
            record = Describe(request, token, id);
            if (await grains.GetGrain<IOwnerGrain>(record.Owner.Value).Join(id, record.OwnerName) is { } refused)
            {
                await Answers.ErrorAsync(context, 403, "refused", refused);
                return;
            }

            record = await node.Enrol(record);
        }

        // Entered again for a node that is enrolled: a crash may have come between the two.
        await grains.GetGrain<IRegistryGrain>(RegistryLists.KeyOf(RegistryLists.Nodes, id.Value))
            .Put(new RegistryEntry(id.Value, Open: false, record.EnrolledAt));
        Enrolled(id.Value, record.Owner.Value, record.Operator);
        await Answers.JsonAsync(context, 200, new EnrolResponse
        {
            Node = id,
            Owner = record.Owner,
            GridKey = signer.PublicKey,
            Operator = record.Operator,
        });
    }

    // What can be said without asking a grain; true when it was answered.
    private static async Task<bool> RefuseAsync(HttpContext context, EnrolRequest request)
    {
        var problem = request switch
        {
            { Token.Length: 0 or > Secrets.LengthMax } => ("token", "The token is empty or too long."),
            { Owner: { } name } when !Owners.IsName(name) =>
                ("owner", $"The owner's name has 1 to {Owners.NameMax} characters, none of them control characters."),
            _ when !IsKey(request.PublicKey) => ("public_key", "The public key is not a P-256 key as DER SubjectPublicKeyInfo."),
            _ when !Signatures.Verify(request.PublicKey, NodeProtocol.EnrolBytes(request.Token), request.Signature) =>
                ("signature", "The signature is not this key's over 'pigrid-enrol/1', a line feed and the token."),
            _ => default((string Field, string Message)?),
        };
        if (problem is not { } found)
        {
            return false;
        }

        await Answers.ErrorAsync(
            context, 400, found.Item1 == "signature" ? "bad_signature" : "invalid", found.Item2, [new(found.Item1, "invalid", found.Item2)]);
        return true;
    }

    private static bool IsKey(byte[] publicKey)
    {
        if (publicKey.Length > Signatures.PublicKeyMax)
        {
            return false;
        }

        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(publicKey, out var read);
            // A key has one encoding, or one key would be several nodes.
            return read == publicKey.Length && key.KeySize == 256 && key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(publicKey);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private NodeRecord Describe(EnrolRequest request, CredentialInfo token, NodeId id) => new()
    {
        Id = id,
        Owner = Owners.Of(token.Id, request.Owner, id),
        OwnerName = request.Owner ?? id.Value,
        PublicKey = request.PublicKey,
        Operator = token.Kind == CredentialKind.OperatorNode,
        EnrolledAt = time.GetUtcNow(),
    };

    [LoggerMessage(LogLevel.Debug, "Enrolled {Node} of {Owner} (operator: {IsOperator})")]
    private partial void Enrolled(string node, string owner, bool isOperator);
}
