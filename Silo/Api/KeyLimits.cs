using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace PiGrid.Silo.Api;

/// <summary>How much each key may ask for: requests a second (a token bucket of one second's worth) and requests open at once. Counted by each silo for itself.</summary>
internal sealed class KeyLimits : IDisposable
{
    private readonly PartitionedRateLimiter<Asker> _rates;
    private readonly PartitionedRateLimiter<Asker> _open;
    private readonly ApiOptions _defaults;

    /// <summary>With the silo's own limits for keys that have none.</summary>
    public KeyLimits(IOptions<ApiOptions> options)
    {
        _defaults = options.Value;
        _rates = PartitionedRateLimiter.Create<Asker, (string, double)>(asker => RateLimitPartition.GetTokenBucketLimiter(
            (asker.Name, RateOf(asker.Caller)),
            static key => Bucket(key.Item2)));
        _open = PartitionedRateLimiter.Create<Asker, (string, int)>(asker => RateLimitPartition.GetConcurrencyLimiter(
            (asker.Name, OpenOf(asker.Caller)),
            static key => new ConcurrencyLimiterOptions { PermitLimit = key.Item2 }));
    }

    /// <summary>Takes one request's share; to be disposed when the request is over.</summary>
    /// <param name="caller">The key.</param>
    /// <param name="address">The address of one without a key.</param>
    /// <param name="refused">Why not, when it is refused.</param>
    /// <returns>The share; null when it is refused.</returns>
    public RateLimitLease? TryTake(CredentialInfo caller, string? address, out Refusal? refused)
    {
        var asker = new Asker(address ?? caller.Id.Value, caller);
        var open = _open.AttemptAcquire(asker);
        if (!open.IsAcquired)
        {
            refused = new("too_many_open", FormattableString.Invariant($"{OpenOf(caller)} requests are open at once, the limit of this key: wait for one to end."), TimeSpan.FromSeconds(1));
            return null;
        }

        using var rate = _rates.AttemptAcquire(asker);
        if (!rate.IsAcquired)
        {
            open.Dispose();
            var after = rate.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1);
            refused = new("rate_limited", FormattableString.Invariant($"This key may make {RateOf(caller)} requests a second: slow down, or ask the operator for a higher limit."), after);
            return null;
        }

        refused = null;
        return open;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rates.Dispose();
        _open.Dispose();
    }

    private double RateOf(CredentialInfo caller) => caller.RequestsPerSecond ?? _defaults.RequestsPerSecond;

    private int OpenOf(CredentialInfo caller) => caller.ConcurrentRequests ?? _defaults.ConcurrentRequests;

    // Whole tokens, so that less than one a second comes as one in a longer period.
    private static TokenBucketRateLimiterOptions Bucket(double perSecond)
    {
        var tokens = (int)Math.Ceiling(perSecond);
        var perPeriod = (int)Math.Max(1, perSecond / 10);
        return new()
        {
            TokenLimit = tokens,
            TokensPerPeriod = perPeriod,
            ReplenishmentPeriod = TimeSpan.FromSeconds(perPeriod / perSecond),
            AutoReplenishment = true,
        };
    }

    /// <summary>Why a request is refused.</summary>
    /// <param name="Code">A stable word for programs.</param>
    /// <param name="Message">What to do, for people.</param>
    /// <param name="RetryAfter">When to try again.</param>
    internal sealed record Refusal(string Code, string Message, TimeSpan RetryAfter);

    private readonly record struct Asker(string Name, CredentialInfo Caller);
}
