using Orleans;
using PiGrid.Silo.Startup;

namespace PiGrid.Silo.Api;

/// <summary>Handles a request of a caller whose key is valid.</summary>
internal delegate Task ApiHandler(HttpContext context, CredentialInfo caller);

/// <summary>Checks the key in front of every route of the developers and operators.</summary>
internal sealed class ApiGate(IGrainFactory grains)
{
    private const string Scheme = "Bearer ";

    private IAccessGrain Access => grains.GetGrain<IAccessGrain>(IAccessGrain.Key);

    /// <summary>A route for developers and operators.</summary>
    public RequestDelegate Developer(ApiHandler handler) => context => HandleAsync(context, handler, isOperatorOnly: false);

    /// <summary>A route for operators alone.</summary>
    public RequestDelegate Operator(ApiHandler handler) => context => HandleAsync(context, handler, isOperatorOnly: true);

    private async Task HandleAsync(HttpContext context, ApiHandler handler, bool isOperatorOnly)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || header.Length > Scheme.Length + Secrets.LengthMax)
        {
            await RefuseAsync(context, "Send an API key as 'Authorization: Bearer KEY'; a new grid's first key is in bootstrap.json of its data folder.");
        }
        else if (await Access.Check(Secrets.DigestOf(header[Scheme.Length..].Trim())) is not { } caller)
        {
            await RefuseAsync(context, "The API key is unknown, revoked or over: ask the grid's operator for one.");
        }
        else if (caller.Kind is CredentialKind.Enrolment or CredentialKind.OperatorNode)
        {
            await Answers.ErrorAsync(context, 403, "forbidden", "This is a token for enrolling nodes, not an API key.");
        }
        else if (isOperatorOnly && caller.Kind != CredentialKind.Operator)
        {
            await Answers.ErrorAsync(context, 403, "forbidden", "This needs an operator's key; yours is a developer's.");
        }
        else
        {
            await handler(context, caller);
        }
    }

    private static Task RefuseAsync(HttpContext context, string message)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Answers.ErrorAsync(context, 401, "unauthorized", message);
    }
}
