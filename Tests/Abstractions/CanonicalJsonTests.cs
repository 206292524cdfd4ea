using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using PiGrid.Tests.Verification;

namespace PiGrid.Tests.Abstractions;

/// <summary>The examples of RFC 8785 and what our documents add to them.</summary>
public class CanonicalJsonTests
{
    /// <summary>RFC 8785, appendix B: the bits of a double and how ECMAScript prints it.</summary>
    public static TheoryData<string, string> Numbers { get; } = new()
    {
        { "0000000000000000", "0" },
        { "8000000000000000", "0" },
        { "0000000000000001", "5e-324" },
        { "8000000000000001", "-5e-324" },
        { "7fefffffffffffff", "1.7976931348623157e+308" },
        { "ffefffffffffffff", "-1.7976931348623157e+308" },
        { "4340000000000000", "9007199254740992" },
        { "c340000000000000", "-9007199254740992" },
        { "4430000000000000", "295147905179352830000" },
        { "44b52d02c7e14af5", "9.999999999999997e+22" },
        { "44b52d02c7e14af6", "1e+23" },
        { "44b52d02c7e14af7", "1.0000000000000001e+23" },
        { "444b1ae4d6e2ef4e", "999999999999999700000" },
        { "444b1ae4d6e2ef4f", "999999999999999900000" },
        { "444b1ae4d6e2ef50", "1e+21" },
        { "3eb0c6f7a0b5ed8c", "9.999999999999997e-7" },
        { "3eb0c6f7a0b5ed8d", "0.000001" },
        { "41b3de4355555553", "333333333.3333332" },
        { "41b3de4355555554", "333333333.33333325" },
        { "41b3de4355555555", "333333333.3333333" },
        { "41b3de4355555556", "333333333.3333334" },
        { "41b3de4355555557", "333333333.33333343" },
        { "becbf647612f3696", "-0.0000033333333333333333" },
        { "43143ff3c1cb0959", "1424953923781206.2" },
    };

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Number_OfTheStandardsTable_IsPrintedAsThere(string bits, string expected)
    {
        var number = BinaryPrimitives.ReadDoubleBigEndian(Convert.FromHexString(bits));
        Assert.Equal(expected, Canonical(JsonSerializer.Serialize(number)));
    }

    [Fact]
    public void Document_OfTheStandardsExample_HasItsBytes()
    {
        // RFC 8785, 3.2.2 to 3.2.4.
        const string Input = """
            {
              "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false]
            }
            """;
        const string Expected =
            "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e333333333333332c31652b33302c34"
            + "2e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d";
        Assert.Equal(Expected, Convert.ToHexStringLower(CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(Input))));
    }

    [Fact]
    public void Members_OfTheStandardsExample_AreSortedByUtf16()
    {
        // RFC 8785, 3.2.3: the surrogate pair of the face sorts before U+FB33.
        const string Input = """
            {"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
             "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"}
            """;
        using var document = JsonDocument.Parse(Canonical(Input));
        Assert.Equal(
            ["Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign", "Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh"],
            document.RootElement.EnumerateObject().Select(member => member.Value.GetString()!));
    }

    [Theory]
    [InlineData("-0", "0")]
    [InlineData("-0.0", "0")]
    [InlineData("999999999999999", "999999999999999")]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("1e2", "100")]
    [InlineData(" [ ] ", "[]")]
    [InlineData("{ }", "{}")]
    [InlineData("""{"b": {"d": [1, {}], "c": ","}, "a": ""}""", """{"a":"","b":{"c":",","d":[1,{}]}}""")]
    [InlineData("""{"\u0061": "\u0041\/", "A": [null]}""", """{"A":[null],"a":"A/"}""")]
    public void Document_HasOneForm(string json, string expected) => Assert.Equal(expected, Canonical(json));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[1] 2")]
    [InlineData("nul")]
    public void Document_ThatIsNoJson_IsRefused(string json) => Assert.ThrowsAny<JsonException>(() => Canonical(json));

    [Fact]
    public void Document_ThatIsNotUtf8_IsRefused() => Assert.Throws<ArgumentException>(() => CanonicalJson.Canonicalize([(byte)'"', 0xff, (byte)'"']));

    [Theory]
    [InlineData("1e400")]
    [InlineData("-1e400")]
    public void Number_BeyondADouble_IsRefused(string number) =>
        Assert.Throws<ArgumentException>(() => Canonical(number));

    [Fact]
    public void Numbers_OfAnyBits_ReadBackAsTheSame() => Dice.Check(500, dice =>
    {
        var number = BitConverter.Int64BitsToDouble(((long)dice.Below(int.MaxValue) << 33) ^ ((long)dice.Below(int.MaxValue) << 8) ^ dice.Below(256));
        if (double.IsFinite(number))
        {
            Assert.Equal(number, double.Parse(Canonical(JsonSerializer.Serialize(number)), System.Globalization.CultureInfo.InvariantCulture));
        }
    });

    [Fact]
    public void Canonical_WhenCanonicalizedAgain_StaysTheSame() => Dice.Check(200, dice =>
    {
        var output = Samples.Output(dice.Several(3, d => Samples.Item(d, d.OneOf(Enum.GetValues<PiGrid.Verification.ComparatorKind>()))));
        var bytes = CanonicalJson.Serialize(output);
        var read = PiGrid.Verification.ShardOutput.TryParse(bytes, out var error);
        Assert.Null(error);
        Assert.Equal(bytes, CanonicalJson.Serialize(read));
    });

    private static string Canonical(string json) => Encoding.UTF8.GetString(CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(json)));
}
