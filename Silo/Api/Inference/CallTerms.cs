using System.Globalization;

namespace PiGrid.Silo.Api.Inference;

/// <summary>How a call is to be run, from the parameters of its request.</summary>
internal sealed record CallTerms
{
    /// <summary>How the result is checked; adaptive unless asked for otherwise.</summary>
    public VerificationPolicy Policy { get; private init; } = VerificationPolicy.Adaptive;

    /// <summary>When an answer is of no use any more.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>The only regions whose nodes may have it; any when empty.</summary>
    public IReadOnlyList<string> Regions { get; private init; } = [];

    /// <summary>Whether outputs that do not say otherwise are answered in binary.</summary>
    public bool BinaryOutput { get; private init; }

    private const int RegionsMax = 16;

    /// <summary>Reads the parameters. What is not known is refused: a misspelt policy must not become a weaker one.</summary>
    /// <param name="parameters">The request's parameters.</param>
    /// <param name="absent">The timeout of a call that states none.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="InferenceException">A parameter is wrong.</exception>
    public static CallTerms Read(IReadOnlyDictionary<string, object> parameters, TimeSpan absent, DateTimeOffset now)
    {
        var terms = new CallTerms { Timeout = absent };
        string? timed = null;
        foreach (var (name, value) in parameters)
        {
            var field = $"parameters.{name}";
            if (name is "timeout" or "timeout_ms" or "deadline_ms")
            {
                timed = timed is null ? name : throw InferenceException.Invalid(field, $"stands beside {timed}; give one of them.");
            }

            terms = name switch
            {
                "binary_data_output" => terms with { BinaryOutput = value as bool? ?? throw InferenceException.Invalid(field, "must be true or false.") },
                "policy" => terms with { Policy = PolicyOf(value, field) },
                "timeout_ms" => terms with { Timeout = SpanOf(value, 1_000_000, field) },
                "timeout" => terms with { Timeout = SpanOf(value, 1_000, field) },
                "deadline_ms" => terms with { Timeout = UntilOf(value, now, field) },
                "region" => terms with { Regions = RegionsOf(value, field) },
                "privacy" or "privacy_class" => throw InferenceException.Invalid(
                    field, "the grid has no privacy classes yet: any volunteer's node may get the input. Leave it out, or name a region."),
                "price_max" or "max_price" or "price_limit" => throw InferenceException.Invalid(field, "calls have no price yet; leave it out."),
                _ => throw InferenceException.Invalid(
                    field, "is not known here. The parameters are binary_data_output, policy, timeout_ms, timeout (in microseconds), deadline_ms and region."),
            };
        }

        return terms;
    }

    private static VerificationPolicy PolicyOf(object value, string field) => VerificationPolicy.TryParse(value as string, null, out var policy)
        ? policy
        : throw InferenceException.Invalid(field, "must be 'none', 'adaptive', 'adaptive(E)', 'quorum(K)' or 'critical(K)'.");

    private static TimeSpan SpanOf(object value, long nanoseconds, string field) =>
        value is long and > 0 and <= 1_000_000_000 and var count
            ? TimeSpan.FromTicks(Math.Max(1, count * nanoseconds / TimeSpan.NanosecondsPerTick))
            : throw InferenceException.Invalid(field, "must be a whole number, 1 to 1,000,000,000.");

    private static TimeSpan UntilOf(object value, DateTimeOffset now, string field)
    {
        // Up to the end of the year 9999.
        if (value is not (long and >= 0 and <= 253_402_300_799_999 and var at))
        {
            throw InferenceException.Invalid(field, "must be a time in milliseconds since the beginning of 1970 (UTC).");
        }

        var left = DateTimeOffset.FromUnixTimeMilliseconds(at) - now;
        return left > TimeSpan.Zero
            ? left
            : throw InferenceException.Invalid(
                field, string.Create(CultureInfo.InvariantCulture, $"is over: it is {now.ToUnixTimeMilliseconds()} here."));
    }

    private static string[] RegionsOf(object value, string field)
    {
        var names = (value as string)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        return names.Length is > 0 and <= RegionsMax
            ? names
            : throw InferenceException.Invalid(field, $"must be 1 to {RegionsMax} names of regions with commas between them.");
    }
}
