using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Orleans;

namespace PiGrid.Grains.Access;

/// <summary>
/// The credentials that were found good lately, for all requests of this silo: never older than <see cref="AccessOptions.CheckAge"/>, so that few requests wait
/// for the grain that keeps them.
/// </summary>
public sealed class CheckedCredentials(IGrainFactory grains, IOptions<AccessOptions> options, TimeProvider time)
{
    private volatile ConcurrentDictionary<Sha256, (long At, CredentialInfo Info)> _good = new();

    /// <summary>What a secret gives now; null when there is no such credential, or it is revoked or over.</summary>
    /// <param name="secret">The secret's digest.</param>
    public async ValueTask<CredentialInfo?> CheckAsync(Sha256 secret)
    {
        // What was asked for before a change is remembered where nobody looks after it.
        var good = _good;
        if (good.TryGetValue(secret, out var known) && time.GetElapsedTime(known.At) < options.Value.CheckAge)
        {
            return AccessRules.Check(known.Info, time.GetUtcNow());
        }

        var at = time.GetTimestamp();
        if (await grains.GetGrain<IAccessGrain>(IAccessGrain.Key).Check(secret) is not { } info)
        {
            good.TryRemove(secret, out _);
            return null;
        }

        good[secret] = (at, info);
        return info;
    }

    /// <summary>A credential has changed: all are asked for again.</summary>
    public void Forget() => _good = new();
}
