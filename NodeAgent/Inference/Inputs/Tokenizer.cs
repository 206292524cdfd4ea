using System.Text;
using PiGrid.Verification;

namespace PiGrid.Inference.Inputs;

/// <summary>
/// Byte-pair tokens (Sennrich et al. 2016) as llama2.c makes them: characters first, unknown ones as their bytes; then the neighbouring
/// pair whose union has the best score is merged, the leftmost among equals, until no pair is a token.
/// </summary>
internal sealed class Tokenizer
{
    /// <summary>In llama2.c's vocabularies the tokens of the bytes 0 to 255 begin here, behind the control tokens.</summary>
    private const int FirstByteToken = 3;

    /// <summary>What stands for a character that a vocabulary without bytes does not know.</summary>
    private const int UnknownToken = 0;

    private readonly byte[][] _pieces;
    private readonly float[] _scores;
    private readonly Dictionary<string, int> _ids;
    private readonly bool _hasBytes;

    public Tokenizer(byte[][] pieces, float[] scores)
    {
        _pieces = pieces;
        _scores = scores;
        _ids = new(pieces.Length, StringComparer.Ordinal);
        for (var id = 0; id < pieces.Length; id++)
        {
            _ids.TryAdd(Key(pieces[id]), id);
            PieceBytesMax = Math.Max(PieceBytesMax, pieces[id].Length);
        }

        _hasBytes = pieces.Length >= FirstByteToken + 256 && ByteOf(pieces[FirstByteToken]) == 0;
    }

    /// <summary>How many tokens there are.</summary>
    public int Count => _pieces.Length;

    /// <summary>The bytes of the longest token.</summary>
    public int PieceBytesMax { get; }

    /// <summary>The tokens of a text.</summary>
    /// <param name="utf8">The text; valid UTF-8.</param>
    /// <param name="bos">The token put first; none when null.</param>
    /// <param name="tokensMax">The most tokens.</param>
    /// <exception cref="ItemException">Not UTF-8 (undecodable), or more tokens (too large).</exception>
    public int[] Encode(ReadOnlySpan<byte> utf8, int? bos, int tokensMax)
    {
        // A text this long cannot fit; refusing it first keeps the merging's work bounded.
        if (utf8.Length / Math.Max(1, PieceBytesMax) > tokensMax)
        {
            throw new ItemException(ItemErrorCode.TooLarge, $"The text of {utf8.Length} bytes has more than {tokensMax} tokens. Make it shorter.");
        }

        var start = Characters(utf8);
        var merged = new PairMerger(start, Merge).Run();
        var tokens = new int[merged.Count + (bos is null ? 0 : 1)];
        merged.CopyTo(tokens, tokens.Length - merged.Count);
        if (bos is { } first)
        {
            tokens[0] = first;
        }

        return tokens.Length <= tokensMax
            ? tokens
            : throw new ItemException(ItemErrorCode.TooLarge, $"The text has {tokens.Length} tokens; at most {tokensMax} are allowed. Make it shorter.");
    }

    /// <summary>The text of tokens that follow <paramref name="previous"/>; bytes that are no UTF-8 become U+FFFD.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="previous">The token before them; the first token after the BOS loses its leading space.</param>
    /// <param name="bos">The BOS token, where there is one.</param>
    public string Decode(IEnumerable<int> tokens, int? previous, int? bos)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens)
        {
            var piece = _pieces[token];
            if (ByteOf(piece) is { } single)
            {
                bytes.Add(single);
            }
            else
            {
                bytes.AddRange(previous is not null && previous == bos && piece is [(byte)' ', ..] ? piece.AsSpan(1) : piece);
            }

            previous = token;
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private List<int> Characters(ReadOnlySpan<byte> utf8)
    {
        List<int> tokens = new(utf8.Length + 1);
        if (!utf8.IsEmpty && _ids.TryGetValue(" ", out var space))
        {
            tokens.Add(space);
        }

        for (var at = 0; at < utf8.Length;)
        {
            if (Rune.DecodeFromUtf8(utf8[at..], out _, out var length) != System.Buffers.OperationStatus.Done)
            {
                throw new ItemException(ItemErrorCode.Undecodable, $"The text is no valid UTF-8 at byte {at}. Send it as UTF-8.");
            }

            var character = utf8.Slice(at, length);
            if (_ids.TryGetValue(Key(character), out var id))
            {
                tokens.Add(id);
            }
            else
            {
                foreach (var b in character)
                {
                    tokens.Add(_hasBytes ? b + FirstByteToken : UnknownToken);
                }
            }

            at += length;
        }

        return tokens;
    }

    private (int Token, float Score)? Merge(int left, int right) =>
        _ids.TryGetValue(Key(_pieces[left]) + Key(_pieces[right]), out var id) ? (id, _scores[id]) : null;

    /// <summary>The byte that a piece such as <c>&lt;0x0A&gt;</c> stands for.</summary>
    private static byte? ByteOf(byte[] piece) =>
        piece.Length == 6 && piece.AsSpan().StartsWith("<0x"u8) && piece[5] == '>'
        && byte.TryParse(Encoding.ASCII.GetString(piece, 3, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var value)
            ? value
            : null;

    /// <summary>Bytes as a string of as many characters: a dictionary's key.</summary>
    private static string Key(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
