using System.Text.Json;

namespace PiGrid.Tests.Abstractions;

public class IdTests
{
    private static readonly byte[] Counting = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];

    [Fact]
    public void Ids_OfEveryType_ReadBackFromTextAndJson()
    {
        AssertReadsBack(JobId.FromBytes(Counting), "j_");
        AssertReadsBack(LeaseId.FromBytes(Counting), "l_");
        AssertReadsBack(NodeId.FromBytes(Counting), "n_");
        AssertReadsBack(OwnerId.FromBytes(Counting), "o_");
        AssertReadsBack(TokenId.FromBytes(Counting), "");
        AssertReadsBack(FileId.FromBytes(Counting), "file-");
        AssertReadsBack(BatchId.FromBytes(Counting), "batch_");
        AssertReadsBack(new ShardId(JobId.FromBytes(Counting), 17), "j_");
        AssertReadsBack(new ReceiptId(new ShardId(JobId.FromBytes(Counting), 0)), "r_");
        AssertReadsBack(new ModelRef("street-signs", "1.0_rc.2"), "street-signs@");
        AssertReadsBack(VerificationPolicy.None, "none");
        AssertReadsBack(VerificationPolicy.Quorum(7), "quorum(7)");
        AssertReadsBack(Sha256.Of("abc"u8), "ba7816bf");
    }

    [Fact]
    public void Id_OfKnownBytes_IsBase32AsTheStandardWritesIt() =>
        Assert.Equal("j_aaaqeayeaudaocajbifqydiob4", JobId.FromBytes(Counting).Value);

    [Fact]
    public void Sha256_OfTheStandardsExample_IsItsDigest() => Assert.Equal(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Sha256.Of("abc"u8).Value);

    [Theory]
    [InlineData("")]
    [InlineData("j_")]
    [InlineData("j_aaaqeayeaudaocajbifqydiob")]
    [InlineData("j_aaaqeayeaudaocajbifqydiob44")]
    [InlineData("j_AAAQEAYEAUDAOCAJBIFQYDIOB4")]
    [InlineData("j_aaaqeayeaudaocajbifqydiob1")]
    [InlineData("n_aaaqeayeaudaocajbifqydiob4")]
    public void JobId_WhenMalformed_IsRefusedWithTheTextAndTheForm(string text)
    {
        Assert.False(JobId.TryParse(text, null, out var id));
        Assert.Equal(default, id);
        var error = Assert.Throws<FormatException>(() => JobId.Parse(text));
        Assert.Contains($"'{text}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'j_'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("@1")]
    [InlineData("a@")]
    [InlineData("a")]
    [InlineData("a@b@c")]
    [InlineData(".a@1")]
    [InlineData("a b@1")]
    [InlineData("../a@1")]
    public void ModelRef_WhenMalformed_IsRefused(string text) => Assert.False(ModelRef.TryParse(text, null, out _));

    [Fact]
    public void ModelRef_WhenAPartIsTooLong_IsRefused()
    {
        Assert.True(ModelRef.TryParse(new string('a', 64) + "@1", null, out _));
        Assert.False(ModelRef.TryParse(new string('a', 65) + "@1", null, out _));
    }

    [Theory]
    [InlineData("quorum(1)")]
    [InlineData("quorum(8)")]
    [InlineData("quorum(+2)")]
    [InlineData("quorum( 2)")]
    [InlineData("quorum()")]
    [InlineData("Quorum(2)")]
    public void Policy_WhenMalformed_IsRefused(string text) => Assert.False(VerificationPolicy.TryParse(text, null, out _));

    [Theory]
    [InlineData("j_aaaqeayeaudaocajbifqydiob4")]
    [InlineData("j_aaaqeayeaudaocajbifqydiob4/")]
    [InlineData("j_aaaqeayeaudaocajbifqydiob4/-1")]
    [InlineData("j_aaaqeayeaudaocajbifqydiob4/2147483648")]
    public void ShardId_WhenMalformed_IsRefused(string text) => Assert.False(ShardId.TryParse(text, null, out _));

    [Fact]
    public void Id_InJson_WhenMalformed_IsAJsonError() =>
        Assert.Contains("not a valid NodeId", Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<NodeId>("\"x\"", GridJson.Wire)).Message, StringComparison.Ordinal);

    private static void AssertReadsBack<TId>(TId id, string start)
        where TId : struct, ITextId<TId>
    {
        Assert.StartsWith(start, id.Value, StringComparison.Ordinal);
        Assert.Equal(id.Value, id.ToString());
        Assert.Equal(id, TId.Parse(id.Value, null));
        Assert.Equal(id, JsonSerializer.Deserialize<TId>(JsonSerializer.Serialize(id, GridJson.Wire), GridJson.Wire));
    }
}
