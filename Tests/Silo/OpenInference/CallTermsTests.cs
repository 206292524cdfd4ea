using PiGrid.Silo.Api.Inference;

namespace PiGrid.Tests.Silo.OpenInference;

public class CallTermsTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Terms_OfARequestWithoutParameters_AreTheDefaults()
    {
        var terms = Read();

        Assert.Equal((VerificationPolicy.Adaptive, TimeSpan.FromSeconds(20), false), (terms.Policy, terms.Timeout, terms.BinaryOutput));
        Assert.Null(terms.Placement);
    }

    [Fact]
    public void Parameters_SayHowTheCallIsRun()
    {
        var terms = Read(("policy", "quorum(3)"), ("timeout_ms", 1_500L), ("region", "eu, us"), ("binary_data_output", true));

        Assert.Equal((VerificationPolicy.Quorum(3), TimeSpan.FromSeconds(1.5), true), (terms.Policy, terms.Timeout, terms.BinaryOutput));
        Assert.Equal(new PlacementTerms { Regions = ["eu", "us"] }, terms.Placement);
    }

    [Theory]
    [InlineData("privacy_class", "price_limit")]
    [InlineData("privacy", "price_max")]
    [InlineData("privacy", "max_price")]
    public void Placement_UnderAnyOfItsNames_IsRead(string privacy, string price)
    {
        Assert.Equal(
            new PlacementTerms { Regions = ["eu"], PrivacyClass = PrivacyClass.Trusted, PriceLimit = new(250_000) },
            Read((privacy, "trusted"), (price, 250_000L), ("region", "eu")).Placement);
        Assert.Equal(PrivacyClass.Public, Read((privacy, "public")).Placement!.PrivacyClass);
        Assert.Equal(PrivacyClass.Private, Read((privacy, "private"), ("policy", "none")).Placement!.PrivacyClass);
    }

    [Theory]
    [InlineData("quorum(2)")]
    [InlineData("critical(2)")]
    public void Private_WithAPolicyOfDistinctOwners_IsRefusedByName(string policy)
    {
        var refused = Assert.Throws<InferenceException>(() => Read(("privacy_class", "private"), ("policy", policy)));

        Assert.Equal(400, refused.Status);
        Assert.StartsWith("parameters.policy: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("one owner", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Timeout_InMicrosecondsOrAsAnInstant_IsTheSame()
    {
        Assert.Equal(TimeSpan.FromMilliseconds(250), Read(("timeout", 250_000L)).Timeout);
        Assert.Equal(TimeSpan.FromMilliseconds(250), Read(("deadline_ms", Now.ToUnixTimeMilliseconds() + 250)).Timeout);
    }

    [Theory]
    [InlineData("policy", "maybe")]
    [InlineData("policy", 2L)]
    [InlineData("timeout_ms", 0L)]
    [InlineData("timeout_ms", "5")]
    [InlineData("timeout_ms", 1.5)]
    [InlineData("deadline_ms", 1L)]
    [InlineData("deadline_ms", long.MaxValue)]
    [InlineData("region", "")]
    [InlineData("region", true)]
    [InlineData("binary_data_output", "yes")]
    [InlineData("privacy_class", "eu")]
    [InlineData("privacy", true)]
    [InlineData("privacy_class", "Private")]
    [InlineData("price_max", -1L)]
    [InlineData("price_limit", 0.5)]
    [InlineData("price_limit", "1")]
    [InlineData("deadline", 1L)]
    [InlineData("polcy", "none")]
    [InlineData("sequence_id", 1L)]
    public void Parameter_ThatIsWrongOrUnknown_IsRefusedByName(string name, object value)
    {
        var refused = Assert.Throws<InferenceException>(() => Read((name, value)));

        Assert.Equal(400, refused.Status);
        Assert.StartsWith($"parameters.{name}: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Timeouts_OfTwoKinds_ContradictEachOther() =>
        Assert.Contains("beside timeout", Assert.Throws<InferenceException>(() => Read(("timeout", 1L), ("timeout_ms", 1L))).Message, StringComparison.Ordinal);

    [Fact]
    public void Terms_UnderTwoOfTheirNames_ContradictEachOther() => Assert.Contains(
        "beside price_limit", Assert.Throws<InferenceException>(() => Read(("price_limit", 1L), ("max_price", 1L))).Message, StringComparison.Ordinal);

    private static CallTerms Read(params (string Name, object Value)[] parameters) =>
        CallTerms.Read(parameters.ToDictionary(p => p.Name, p => p.Value), TimeSpan.FromSeconds(20), Now);
}
