using System.Globalization;
using PiGrid.Grains.Scheduling;

namespace PiGrid.Silo.Api.Inference;

/// <summary>How a call is to be run, from the parameters of its request.</summary>
internal sealed record CallTerms
{
    /// <summary>How the result is checked; adaptive unless asked for otherwise.</summary>
    public VerificationPolicy Policy { get; private init; } = VerificationPolicy.Adaptive;

    /// <summary>When an answer is of no use any more.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Which nodes may have it; any when null.</summary>
    public PlacementTerms? Placement { get; private init; }

    /// <summary>Whether outputs that do not say otherwise are answered in binary.</summary>
    public bool BinaryOutput { get; private init; }

    /// <summary>Reads the parameters. What is not known is refused: a misspelt policy must not become a weaker one.</summary>
    /// <param name="parameters">The request's parameters.</param>
    /// <param name="absent">The timeout of a call that states none.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="InferenceException">A parameter is wrong.</exception>
    public static CallTerms Read(IReadOnlyDictionary<string, object> parameters, TimeSpan absent, DateTimeOffset now)
    {
        var terms = new CallTerms { Timeout = absent };
        var given = new Dictionary<string, string>();
        foreach (var (name, value) in parameters)
        {
            var field = $"parameters.{name}";
            var meaning = MeaningOf(name);
            if (!given.TryAdd(meaning, name))
            {
                throw InferenceException.Invalid(field, $"stands beside {given[meaning]}; give one of them.");
            }

            terms = meaning switch
            {
                "binary_data_output" => terms with { BinaryOutput = value as bool? ?? throw InferenceException.Invalid(field, "must be true or false.") },
                "policy" => terms with { Policy = PolicyOf(value, field) },
                "deadline" => terms with { Timeout = TimeOf(name, value, now, field) },
                "region" or "privacy_class" or "price_limit" => terms with { Placement = Allow(terms.Placement ?? new(), meaning, value, field) },
                _ => throw InferenceException.Invalid(
                    field,
                    "is not known here. The parameters are binary_data_output, policy, timeout_ms, timeout (in microseconds), deadline_ms, region, privacy_class and price_limit."),
            };
        }

        return PlacementRules.CheckPolicy(terms.Policy, terms.Placement) is { } impossible
            ? throw InferenceException.Invalid($"parameters.{impossible.Field}", impossible.Message)
            : terms;
    }

    /// <summary>Parameters of one meaning under several names are one parameter.</summary>
    private static string MeaningOf(string name) => name switch
    {
        "timeout" or "timeout_ms" or "deadline_ms" => "deadline",
        "deadline" => "",
        "privacy" => "privacy_class",
        "price_max" or "max_price" => "price_limit",
        _ => name,
    };

    private static PlacementTerms Allow(PlacementTerms terms, string meaning, object value, string field)
    {
        var next = meaning switch
        {
            "region" => terms with { Regions = RegionsOf(value, field) },
            "privacy_class" => terms with { PrivacyClass = ClassOf(value, field) },
            _ => terms with { PriceLimit = value is long micros ? new Amount(micros) : throw InferenceException.Invalid(field, "must be a whole number of micro-credits for an hour of a slot.") },
        };
        return PlacementRules.Check(next).FirstOrDefault() is { } wrong ? throw InferenceException.Invalid(field, wrong.Message) : next;
    }

    private static PrivacyClass ClassOf(object value, string field) => value switch
    {
        "public" => PrivacyClass.Public,
        "trusted" => PrivacyClass.Trusted,
        "private" => PrivacyClass.Private,
        _ => throw InferenceException.Invalid(field, "must be 'public', 'trusted' or 'private'."),
    };

    private static TimeSpan TimeOf(string name, object value, DateTimeOffset now, string field) => name switch
    {
        "timeout_ms" => SpanOf(value, 1_000_000, field),
        "timeout" => SpanOf(value, 1_000, field),
        _ => UntilOf(value, now, field),
    };

    private static VerificationPolicy PolicyOf(object value, string field) => VerificationPolicy.TryParse(value as string, null, out var policy)
        ? policy
        : throw InferenceException.Invalid(field, $"must be {VerificationPolicy.Expected}.");

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
        return names.Length > 0 ? names : throw InferenceException.Invalid(field, "must be names of regions with commas between them.");
    }
}
