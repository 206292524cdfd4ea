using Orleans;
using PiGrid.Api;
using PiGrid.Silo.Startup;

namespace PiGrid.Silo.Api;

/// <summary><c>/api/tokens</c>: keys and enrolment tokens; for the operator.</summary>
internal sealed class TokenRoutes(IGrainFactory grains, Lists lists, TimeProvider time)
{
    private const int BodyBytesMax = 8 << 10, NameMax = 100;

    private IAccessGrain Access => grains.GetGrain<IAccessGrain>(IAccessGrain.Key);

    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes, ApiGate gate)
    {
        routes.MapPost("/api/tokens", gate.Operator(CreateAsync));
        routes.MapGet("/api/tokens", gate.Operator(ListAsync));
        routes.MapDelete("/api/tokens/{id}", gate.Operator(RevokeAsync));
    }

    private async Task CreateAsync(HttpContext context, CredentialInfo caller)
    {
        if (await JsonBody.ReadAsync<CreateTokenRequest>(context, GridJson.Wire, BodyBytesMax) is not { } request)
        {
            return;
        }

        var now = time.GetUtcNow();
        var problem = request switch
        {
            { Name.Length: 0 or > NameMax } => ("name", $"A name has 1 to {NameMax} characters."),
            { ExpiresAt: { } end } when end <= now => ("expires_at", "The end is in the past."),
            _ => default((string Field, string Message)?),
        };
        if (problem is var (field, message))
        {
            await Answers.ErrorAsync(context, 422, "invalid", message, [new(field, "invalid", message)]);
            return;
        }

        var secret = Secrets.New(request.Kind);
        var info = new CredentialInfo
        {
            Id = NewId.Token(),
            Kind = request.Kind,
            Name = request.Name,
            CreatedAt = now,
            ExpiresAt = request.ExpiresAt,
        };
        await Access.Add(info, Secrets.DigestOf(secret));
        context.Response.Headers.CacheControl = "no-store";
        await Answers.JsonAsync(context, 201, new CreateTokenResponse(info, secret));
    }

    private async Task ListAsync(HttpContext context, CredentialInfo caller)
    {
        var (page, next) = lists.Cut(context, await Access.List(), c => c.Id.Value);
        await Answers.JsonAsync(context, 200, new Page<CredentialInfo>(page, next));
    }

    private async Task RevokeAsync(HttpContext context, CredentialInfo caller)
    {
        if (await RouteValues.IdAsync<TokenId>(context, "id") is not { } id)
        {
            return;
        }

        if (await Access.Revoke(id))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        else
        {
            await Answers.NotFoundAsync(context, $"credential {id}");
        }
    }
}
