using PiGrid.Verification;

namespace PiGrid.Grains.Scheduling;

/// <summary>What <see cref="PlacementTerms"/> may say, what follows from them for checking, and which nodes they allow. Null terms allow any node.</summary>
public static class PlacementRules
{
    private const int RegionsMax = 16, RegionLengthMax = 100;

    /// <summary>Whether the operator's nodes alone may see the inputs.</summary>
    public static bool IsPrivate(PlacementTerms? terms) => terms is { PrivacyClass: PrivacyClass.Private };

    /// <summary>Everything that is wrong with the terms.</summary>
    /// <param name="terms">The terms.</param>
    /// <param name="path">Where they stand, with a dot at the end; empty when at the root.</param>
    public static IEnumerable<FieldError> Check(PlacementTerms? terms, string path = "placement.")
    {
        if (terms is null)
        {
            yield break;
        }

        if (terms.Regions.Count > RegionsMax || terms.Regions.Any(region => region is not { Length: > 0 and <= RegionLengthMax } || region.Any(char.IsControl)))
        {
            yield return new($"{path}regions", "invalid", $"must be at most {RegionsMax} names of regions, each of 1 to {RegionLengthMax} characters.");
        }

        if (!Enum.IsDefined(terms.PrivacyClass))
        {
            yield return new($"{path}privacy_class", "invalid", "must be 'public', 'trusted' or 'private'.");
        }

        if (terms.PriceLimit < Amount.Zero)
        {
            yield return new($"{path}price_limit", "out_of_range", "must be a whole number of micro-credits for an hour of a slot, 0 or more.");
        }
    }

    /// <summary>What is wrong with the policy under these terms; null when nothing is.</summary>
    public static FieldError? CheckPolicy(VerificationPolicy? policy, PlacementTerms? terms) => IsPrivate(terms) && policy?.Agreeing > 1
        ? new("policy", "impossible", $"{policy} needs results of distinct owners, and the privacy class 'private' lets nobody but the operator's nodes see the inputs, which have one owner: "
            + "use none or adaptive, where an operator node's result is believed, or the privacy class 'trusted'.")
        : null;

    /// <summary>The policy that holds: what an operator node computes is believed, so there is nothing to check of what it alone may see.</summary>
    public static VerificationPolicy InForce(VerificationPolicy policy, PlacementTerms? terms) => IsPrivate(terms) ? VerificationPolicy.None : policy;

    /// <summary>Whether a node may see the inputs.</summary>
    /// <param name="privacy">The privacy class.</param>
    /// <param name="isOperator">Whether the node is the operator's.</param>
    /// <param name="tier">How far it is believed; null when that is not known.</param>
    public static bool MaySee(PrivacyClass privacy, bool isOperator, ReputationTier? tier) => isOperator || privacy switch
    {
        PrivacyClass.Public => true,
        PrivacyClass.Trusted => tier == ReputationTier.Trusted,
        PrivacyClass.Private => false,
    };

    /// <summary>Whether a node is in one of the regions, and asks no more than the price limit.</summary>
    public static bool IsWithin(PlacementTerms? terms, NodeProfile profile) =>
        terms is null || (IsThere(terms, profile) && (terms.PriceLimit is not { } limit || profile.PricePerHour <= limit));

    /// <summary>Whether a node is in one of the regions.</summary>
    public static bool IsThere(PlacementTerms terms, NodeProfile profile)
    {
        for (var i = 0; i < terms.Regions.Count; i++)
        {
            if (terms.Regions[i] == profile.Region)
            {
                return true;
            }
        }

        return terms.Regions.Count == 0;
    }
}
