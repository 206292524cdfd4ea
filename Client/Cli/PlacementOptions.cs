using System.CommandLine;
using System.Globalization;

namespace PiGrid.Client.Cli;

/// <summary>The options that say which nodes may have a job or call: <c>--region</c>, <c>--privacy</c> and <c>--price-limit</c>.</summary>
internal sealed class PlacementOptions
{
    private readonly Option<string?> _regions = new("--region") { Description = "The only regions whose nodes may have it, with commas between them." };
    private readonly Option<PrivacyClass> _privacy = new("--privacy")
    {
        Description = "Whose nodes may see the inputs: public (the default: any), trusted (those whose results passed checks), or private (the operator's alone).",
    };

    private readonly Option<long?> _price = new("--price-limit")
    {
        Description = "The most that a node may ask for an hour of a slot, in micro-credits (1000000 is a credit).",
        CustomParser = result =>
        {
            if (long.TryParse(result.Tokens.Single().Value, NumberStyles.None, CultureInfo.InvariantCulture, out var micros))
            {
                return micros;
            }

            result.AddError($"--price-limit is to be a whole number of micro-credits, 0 or more, not '{result.Tokens.Single().Value}'.");
            return null;
        },
    };

    /// <summary>Adds them to a command.</summary>
    public PlacementOptions(Command command)
    {
        _privacy.OfferingWordsOf<PrivacyClass, PrivacyClass>();
        command.Options.Add(_regions);
        command.Options.Add(_privacy);
        command.Options.Add(_price);
    }

    /// <summary>What was said; null when nothing was.</summary>
    public PlacementTerms? Read(ParseResult parsed)
    {
        var regions = parsed.GetValue(_regions)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        var (privacy, price) = (parsed.GetValue(_privacy), parsed.GetValue(_price));
        return regions.Length == 0 && privacy == PrivacyClass.Public && price is null
            ? null
            : new PlacementTerms { Regions = regions, PrivacyClass = privacy, PriceLimit = price is { } micros ? new Amount(micros) : null };
    }
}
