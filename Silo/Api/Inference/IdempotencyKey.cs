using System.Security.Cryptography;
using System.Text;

namespace PiGrid.Silo.Api.Inference;

/// <summary>The call that a request means: a new one, or, under a caller's key, always the same.</summary>
internal static class IdempotencyKey
{
    /// <summary>The header.</summary>
    public const string Header = "Idempotency-Key";

    private const int LengthMax = 255;

    /// <summary>The call.</summary>
    /// <exception cref="InferenceException">The header is no key.</exception>
    public static ShardId CallOf(IHeaderDictionary headers, CredentialInfo caller)
    {
        var header = headers[Header];
        if (header.Count == 0)
        {
            return NewId.Call();
        }

        if (header.Count > 1 || header[0] is not { Length: > 0 and <= LengthMax } key)
        {
            throw InferenceException.Invalid(Header, $"must be one key of 1 to {LengthMax} characters.");
        }

        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{caller.Id.Value}\n{key}"));
        return new(JobId.CallFromBytes(digest.AsSpan(0, 16)), 0);
    }
}
