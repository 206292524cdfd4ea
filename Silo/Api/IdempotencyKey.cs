using System.Security.Cryptography;
using System.Text;

namespace PiGrid.Silo.Api;

/// <summary>
/// The header <c>Idempotency-Key</c>: sending a request again with the same key does nothing twice. It becomes the id of what the request makes, together with who asks, so that
/// nobody meets another's.
/// </summary>
internal static class IdempotencyKey
{
    /// <summary>The header.</summary>
    public const string Header = "Idempotency-Key";

    private const int LengthMax = 200;

    /// <summary>16 bytes for an id, or null without the header.</summary>
    /// <param name="context">The request.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="what">What the request makes, so that one key can serve for several.</param>
    /// <exception cref="BadHttpRequestException">The header is empty, too long, or there are several.</exception>
    public static byte[]? Bytes(HttpContext context, CredentialInfo caller, string what)
    {
        var values = context.Request.Headers[Header];
        if (values.Count == 0)
        {
            return null;
        }

        var key = values.Count == 1 ? values[0]! : "";
        return key.Length is > 0 and <= LengthMax && key.All(c => c is > ' ' and <= '~')
            ? SHA256.HashData(Encoding.ASCII.GetBytes($"{what}\n{caller.Id}\n{key}"))[..16]
            : throw new BadHttpRequestException($"The header {Header} is one text of 1 to {LengthMax} visible ASCII characters.", StatusCodes.Status400BadRequest);
    }
}
