using System.Text;
using FsCheck;
using FsCheck.Fluent;
using PiGrid.Inference;
using PiGrid.Inference.Inputs;
using PiGrid.Verification;

namespace PiGrid.Tests.Inference;

/// <summary>The byte-pair tokenizer, against a plain statement of the algorithm and on texts of any kind.</summary>
public class TokenizerTests
{
    private static readonly string[] Merges = [" ", "a", "b", "c", "ab", "bc", "abc", " a", "aa", "aaa", "ca", "cab", "é"];
    private static readonly Tokenizer Small = Make();

    private static readonly Arbitrary<string> Texts =
        Gen.Elements("a", "b", "c", " ", "é", "x", "\n", "日", "😀").ListOf().Select(string.Concat).ToArbitrary();

    [Fact]
    public void Encode_OfAnyText_IsWhatThePlainAlgorithmGives() => Prop.ForAll(Texts, text =>
        Small.Encode(Encoding.UTF8.GetBytes(text), 1, 10_000).SequenceEqual([1, .. Plain(text)])).QuickCheckThrowOnFailure();

    [Fact]
    public void Decode_OfEncodedText_IsTheText() => Prop.ForAll(Texts, text =>
        Small.Decode(Small.Encode(Encoding.UTF8.GetBytes(text), null, 10_000), 1, 1) == text).QuickCheckThrowOnFailure();

    [TestDataFact]
    public void StoriesTokenizer_OnAnyText_GoesThereAndBack()
    {
        var tokenizer = TokenizerFile.TryRead(RealModels.Input("models/stories260k_tok512.bin"), 512, out _)!;

        Assert.Equal([1, 403, 407, 261, 378], tokenizer.Encode("Once upon a time"u8, 1, 100));
        Prop.ForAll<NonNull<string>>(any =>
        {
            var text = new string([.. any.Get.Where(c => !char.IsSurrogate(c) && c != '\0')]);
            return tokenizer.Decode(tokenizer.Encode(Encoding.UTF8.GetBytes(text), null, 10_000), 1, 1) == text;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Encode_OfNothing_IsTheFirstTokenAlone()
    {
        Assert.Equal([1], Small.Encode([], 1, 10));
        Assert.Empty(Small.Encode([], null, 10));
    }

    [Fact]
    public void Encode_WhenNoUtf8_SaysWhere()
    {
        var error = Assert.Throws<ItemException>(() => Small.Encode([(byte)'a', 0xC3, (byte)'a'], null, 10));

        Assert.Equal(ItemErrorCode.Undecodable, error.Code);
        Assert.Contains("byte 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_WhenTooManyTokens_IsRefused()
    {
        Assert.Equal(ItemErrorCode.TooLarge, Assert.Throws<ItemException>(() => Small.Encode("xxxxx"u8, 1, 6)).Code);
        Assert.Equal(7, Small.Encode("xxxxx"u8, 1, 7).Length);
        Assert.Equal(ItemErrorCode.TooLarge, Assert.Throws<ItemException>(() => Small.Encode(new byte[1_000_000], null, 6)).Code);
    }

    [Fact]
    public void Decode_OfBytesThatAreNoText_GivesReplacementCharacters() => Assert.Equal("\uFFFDa", Small.Decode([3 + 0xFF, 3 + 'a'], null, 1));

    [Theory]
    [InlineData(511, "bytes follow token 510")]
    [InlineData(600, "ends at token")]
    [InlineData(100_000, "too few for 100000 tokens")]
    public void File_WhenTheVocabularySizeIsWrong_SaysSo(int count, string expected)
    {
        var file = new List<byte>(BitConverter.GetBytes(7));
        for (var i = 0; i < 512; i++)
        {
            file.AddRange([.. BitConverter.GetBytes(0f), .. BitConverter.GetBytes(2), (byte)'a', (byte)'b']);
        }

        Assert.Null(TokenizerFile.TryRead([.. file], count, out var error));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.NotNull(TokenizerFile.TryRead([.. file], 512, out _));
    }

    [Fact]
    public void File_WhenALengthIsImpossible_NamesTheToken()
    {
        byte[] file = [.. BitConverter.GetBytes(7), .. BitConverter.GetBytes(0f), .. BitConverter.GetBytes(-5), 0, 0, 0, 0, 0, 0, 0, 0];

        Assert.Null(TokenizerFile.TryRead(file, 2, out var error));
        Assert.Contains("token 0", error, StringComparison.Ordinal);
    }

    /// <summary>Control tokens, all bytes, then the merges, a longer one the better.</summary>
    private static Tokenizer Make()
    {
        List<byte[]> pieces = [.. "<unk> <s> </s>".Split(' ').Select(Encoding.UTF8.GetBytes)];
        pieces.AddRange(Enumerable.Range(0, 256).Select(b => Encoding.ASCII.GetBytes($"<0x{b:X2}>")));
        pieces.AddRange(Merges.Select(Encoding.UTF8.GetBytes));
        return new([.. pieces], [.. pieces.Select(Score)]);
    }

    private static float Score(byte[] piece) => Encoding.UTF8.GetString(piece) switch { "bc" => 5, "ab" => 4, "abc" => 9, "aa" => 4, _ => 1 };

    /// <summary>The algorithm word for word: look for the best pair in the whole list, merge it, begin again.</summary>
    private static List<int> Plain(string text)
    {
        int Id(string piece) => Array.IndexOf(Merges, piece) is var i and >= 0 ? 259 + i : -1;
        List<(string Piece, int Id)> tokens = text.Length > 0 ? [(" ", Id(" "))] : [];
        foreach (var rune in text.EnumerateRunes())
        {
            tokens.AddRange(Id(rune.ToString()) >= 0
                ? [(rune.ToString(), Id(rune.ToString()))]
                : Encoding.UTF8.GetBytes(rune.ToString()).Select(b => ("\0", b + 3)));
        }

        while (true)
        {
            var best = Enumerable.Range(0, Math.Max(0, tokens.Count - 1))
                .Where(i => Id(tokens[i].Piece + tokens[i + 1].Piece) >= 0)
                .OrderByDescending(i => Score(Encoding.UTF8.GetBytes(tokens[i].Piece + tokens[i + 1].Piece)))
                .Select(i => (int?)i).FirstOrDefault();
            if (best is not { } at)
            {
                return [.. tokens.Select(t => t.Id)];
            }

            var union = tokens[at].Piece + tokens[at + 1].Piece;
            tokens[at] = (union, Id(union));
            tokens.RemoveAt(at + 1);
        }
    }
}
