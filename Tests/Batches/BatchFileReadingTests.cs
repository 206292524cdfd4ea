using System.Text;
using FsCheck;
using FsCheck.Fluent;
using PiGrid.Batches;
using PiGrid.Grains.Batches;

namespace PiGrid.Tests.Batches;

/// <summary>Files are read line by line, whatever is in them.</summary>
public sealed class BatchFileReadingTests
{
    private const int LineMax = 8;

    [Fact]
    public void Lines_OfAnyBytesInAnyPieces_AreThoseOfTheFile()
    {
        // Mostly line ends, blanks and letters, so that lines of every length are met, those of just the limit among them.
        var bytes = Gen.Elements("\n\n  \r\tabcdefgh"u8.ToArray()).ArrayOf();
        Prop.ForAll(bytes.ToArbitrary(), Gen.Choose(1, 7).ToArbitrary(), (file, piece) =>
        {
            var expected = Encoding.ASCII.GetString(file).Split('\n')
                .Select((text, i) => (Number: i + 1, Text: text.Length > LineMax ? null : text))
                .Where(l => l.Text is null || l.Text.Trim(' ', '\r', '\t').Length > 0);
            Assert.Equal(expected, Read(file, piece));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Lines_AfterAByteOrderMark_BeginWithTheText() => Assert.Equal([(1, "a"), (2, "b")], Read([0xEF, 0xBB, 0xBF, (byte)'a', (byte)'\n', (byte)'b'], 3));

    [Fact]
    public void Line_ThatIsWell_GivesItsParts()
    {
        var (line, error) = BatchLine.Read("""{"custom_id":"a","method":"POST","url":"/v2/models/m/infer","body":{"x":[1, "\ud800"]}}"""u8.ToArray(), 1, BatchSpec.AnyEndpoint);

        Assert.Null(error);
        Assert.Equal(("a", "/v2/models/m/infer", """{"x":[1, "\ud800"]}"""), (line!.CustomId, line.Url, Encoding.UTF8.GetString(line.Body.Span)));
    }

    [Theory]
    [InlineData("", "invalid_json_line", null)]
    [InlineData("[]", "invalid_json_line", null)]
    [InlineData("{\"custom_id\":\"a\"", "invalid_json_line", null)]
    [InlineData("{\"custom_id\":\"a\",\"custom_id\":\"b\"}", "invalid_json_line", null)]
    [InlineData("{}", "invalid_custom_id", "custom_id")]
    [InlineData("{\"custom_id\":7}", "invalid_custom_id", "custom_id")]
    [InlineData("{\"custom_id\":\"\\ud800\"}", "invalid_custom_id", "custom_id")]
    [InlineData("{\"custom_id\":\"a\",\"method\":\"GET\"}", "invalid_method", "method")]
    [InlineData("{\"custom_id\":\"a\",\"method\":\"POST\"}", "invalid_url", "url")]
    [InlineData("{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v2/models/other/infer\",\"body\":{}}", "mismatched_url", "url")]
    [InlineData("{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v2/models/m/infer\",\"body\":[]}", "invalid_body", "body")]
    [InlineData("{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v2/models/m/infer\"}", "invalid_body", "body")]
    public void Line_ThatIsWrong_SaysWhere(string text, string code, string? param)
    {
        var (line, error) = BatchLine.Read(Encoding.UTF8.GetBytes(text), 5, "/v2/models/m/infer");

        Assert.Null(line);
        Assert.Equal((code, 5, param), (error!.Code, error.Line, error.Param));
    }

    [Fact]
    public void Line_OfAnyBytes_IsALineOrAnError() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
    {
        var (line, error) = BatchLine.Read(bytes, 1, BatchSpec.AnyEndpoint);
        Assert.True(line is null != error is null);
    }).QuickCheckThrowOnFailure();

    private static List<(int Number, string? Text)> Read(byte[] file, int piece)
    {
        using var stream = new PieceStream(file, piece);
        return FileLines.ReadAsync(stream, LineMax, default)
            .Select(l => (l.Number, l.Text is { } text ? Encoding.ASCII.GetString(text.Span) : null))
            .ToBlockingEnumerable()
            .ToList();
    }

    // Gives few bytes at a time.
    private sealed class PieceStream(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, piece)], cancellationToken);
    }
}
