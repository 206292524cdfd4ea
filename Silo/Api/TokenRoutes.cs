using Orleans;
using PiGrid.Api;
using PiGrid.Silo.Startup;

namespace PiGrid.Silo.Api;

/// <summary><c>/api/tokens</c>: keys and enrolment tokens; for the operator.</summary>
internal sealed class TokenRoutes(IGrainFactory grains, Lists lists, TimeProvider time)
{
    private const int BodyBytesMax = 8 << 10, NameMax = 100, LimitMax = 100_000;

    private static readonly TimeSpan GraceMax = TimeSpan.FromDays(30);

    private IAccessGrain Access => grains.GetGrain<IAccessGrain>(IAccessGrain.Key);

    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes, ApiGate gate)
    {
        routes.MapPost("/api/tokens", gate.For(CreateAsync, KeyScope.Operate));
        routes.MapGet("/api/tokens", gate.For(ListAsync, KeyScope.Operate));
        routes.MapPost("/api/tokens/{id}/rotate", gate.For(RotateAsync, KeyScope.Operate));
        routes.MapDelete("/api/tokens/{id}", gate.For(RevokeAsync, KeyScope.Operate));
    }

    private async Task CreateAsync(HttpContext context, CredentialInfo caller)
    {
        if (await JsonBody.ReadAsync<CreateTokenRequest>(context, GridJson.Wire, BodyBytesMax) is not { } request)
        {
            return;
        }

        var now = time.GetUtcNow();
        if (Problem(request, now) is var (field, message))
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
            Scopes = request.Scopes.Distinct().ToArray(),
            RequestsPerSecond = request.RequestsPerSecond,
            ConcurrentRequests = request.ConcurrentRequests,
        };
        await Access.Add(info, Secrets.DigestOf(secret));
        context.Response.Headers.CacheControl = "no-store";
        await Answers.JsonAsync(context, 201, new CreateTokenResponse(info, secret));
    }

    private static (string Field, string Message)? Problem(CreateTokenRequest request, DateTimeOffset now) => request switch
    {
        { Name.Length: 0 or > NameMax } => ("name", $"A name has 1 to {NameMax} characters."),
        { ExpiresAt: { } end } when end <= now => ("expires_at", "The end is in the past."),
        { Scopes.Count: > 0, Kind: not CredentialKind.Developer } => ("scopes", "Scopes belong to a developer's key: an operator's does everything, and tokens enrol nodes."),
        { RequestsPerSecond: { } rate } when rate is not (> 0 and <= LimitMax) => ("requests_per_second", $"It is above 0 and at most {LimitMax}."),
        { ConcurrentRequests: <= 0 or > LimitMax } => ("concurrent_requests", $"It is 1 to {LimitMax}."),
        _ => null,
    };

    private async Task RotateAsync(HttpContext context, CredentialInfo caller)
    {
        if (await RouteValues.IdAsync<TokenId>(context, "id") is not { } id
            || await JsonBody.ReadAsync<RotateTokenRequest>(context, GridJson.Wire, BodyBytesMax) is not { } request)
        {
            return;
        }

        if (!(request.GraceSeconds >= 0 && request.GraceSeconds <= GraceMax.TotalSeconds))
        {
            var message = $"It is 0 to {GraceMax.TotalSeconds}.";
            await Answers.ErrorAsync(context, 422, "invalid", message, [new("grace_seconds", "invalid", message)]);
            return;
        }

        var info = (await Access.List()).FirstOrDefault(c => c.Id == id);
        var secret = info is null ? "" : Secrets.New(info.Kind);
        if (info is null || !await Access.Rotate(id, Secrets.DigestOf(secret), time.GetUtcNow() + TimeSpan.FromSeconds(request.GraceSeconds)))
        {
            await Answers.NotFoundAsync(context, $"credential {id} that is good: it is unknown, revoked or over");
            return;
        }

        context.Response.Headers.CacheControl = "no-store";
        await Answers.JsonAsync(context, 200, new CreateTokenResponse(info, secret));
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
