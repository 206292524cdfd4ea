using System.Globalization;
using Microsoft.Extensions.Options;
using PiGrid.Grains.Access;
using PiGrid.Silo.Startup;

namespace PiGrid.Silo.Api;

/// <summary>Handles a request of a caller whose key is valid.</summary>
internal delegate Task ApiHandler(HttpContext context, CredentialInfo caller);

/// <summary>Checks the key in front of every route of the developers and operators, and that it does not ask for too much.</summary>
internal sealed class ApiGate(CheckedCredentials credentials, KeyLimits limits, IOptions<ApiOptions> options, TimeProvider time)
{
    private const string Scheme = "Bearer ";

    // Requests without a key, when an option lets them do anything.
    private readonly CredentialInfo? _anonymous = options.Value.Anonymous.Length == 0 ? null : new()
    {
        Id = TokenId.FromBytes(new byte[16]),
        Kind = CredentialKind.Developer,
        Name = "anonymous",
        CreatedAt = time.GetUtcNow(),
        Scopes = KeyScopesAttribute.Parse(options.Value.Anonymous)!,
    };

    /// <summary>A route for every API key.</summary>
    public RequestDelegate Any(ApiHandler handler) => context => HandleAsync(context, handler, []);

    /// <summary>A route for API keys with any of these scopes.</summary>
    public RequestDelegate For(ApiHandler handler, params KeyScope[] scopes) => context => HandleAsync(context, handler, scopes);

    private async Task HandleAsync(HttpContext context, ApiHandler handler, KeyScope[] scopes)
    {
        var header = context.Request.Headers.Authorization.ToString();
        var isAnonymous = header.Length == 0 && _anonymous is not null;
        if (!isAnonymous && (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || header.Length > Scheme.Length + Secrets.LengthMax))
        {
            await RefuseAsync(context, "Send an API key as 'Authorization: Bearer KEY'; a new grid's first key is in bootstrap.json of its data folder.");
        }
        else if ((isAnonymous ? _anonymous : await credentials.CheckAsync(Secrets.DigestOf(header[Scheme.Length..].Trim()))) is not { } caller)
        {
            await RefuseAsync(context, "The API key is unknown, revoked or over: ask the grid's operator for one.");
        }
        else if (caller.Kind is CredentialKind.Enrolment or CredentialKind.OperatorNode)
        {
            await Answers.ErrorAsync(context, 403, "forbidden", "This is a token for enrolling nodes, not an API key.");
        }
        else if (scopes.Length > 0 && !scopes.Any(caller.May))
        {
            var needed = string.Join(" or ", scopes.Select(scope => $"'{scope.ToString().ToLowerInvariant()}'"));
            await Answers.ErrorAsync(context, 403, "forbidden", isAnonymous
                ? $"This needs an API key with the scope {needed}: send one as 'Authorization: Bearer KEY'."
                : $"This needs the scope {needed}, which your key does not have.");
        }
        else
        {
            await WithinLimitsAsync(context, handler, caller, isAnonymous);
        }
    }

    private async Task WithinLimitsAsync(HttpContext context, ApiHandler handler, CredentialInfo caller, bool isAnonymous)
    {
        using var share = limits.TryTake(caller, isAnonymous ? context.Connection.RemoteIpAddress?.ToString() : null, out var refused);
        if (share is null)
        {
            context.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(refused!.RetryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            await Answers.ErrorAsync(context, 429, refused.Code, refused.Message);
            return;
        }

        await handler(context, caller);
    }

    private static Task RefuseAsync(HttpContext context, string message)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Answers.ErrorAsync(context, 401, "unauthorized", message);
    }
}
