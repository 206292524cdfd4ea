using System.Buffers.Binary;

namespace PiGrid.Inference.Inputs;

/// <summary>
/// Reads llama2.c's <c>tokenizer.bin</c>: the longest token's length (int32), then per token its score (float32), its length (int32) and
/// its bytes; little-endian.
/// </summary>
internal static class TokenizerFile
{
    private const int PieceBytesMax = 1024;

    /// <summary>The tokenizer, or null with the reason.</summary>
    /// <param name="data">The file.</param>
    /// <param name="count">The number of tokens that it must hold, exactly.</param>
    /// <param name="error">What is wrong with it and what to do.</param>
    public static Tokenizer? TryRead(ReadOnlySpan<byte> data, int count, out string? error)
    {
        if (data.Length < 4 + (8L * count))
        {
            error = $"the file's {data.Length} bytes are too few for {count} tokens: give the right vocabulary_size, or the whole file";
            return null;
        }

        var pieces = new byte[count][];
        var scores = new float[count];
        var at = 4;
        for (var id = 0; id < count; id++)
        {
            if (data.Length - at < 8)
            {
                error = $"the file ends at token {id} of {count}: give the right vocabulary_size, or the whole file";
                return null;
            }

            scores[id] = BinaryPrimitives.ReadSingleLittleEndian(data[at..]);
            var length = BinaryPrimitives.ReadInt32LittleEndian(data[(at + 4)..]);
            at += 8;
            if (length is < 0 or > PieceBytesMax || length > data.Length - at || !float.IsFinite(scores[id]))
            {
                error = $"token {id} (at byte {at - 8}) is malformed: this is no llama2.c tokenizer.bin";
                return null;
            }

            pieces[id] = data.Slice(at, length).ToArray();
            at += length;
        }

        error = at == data.Length ? null : $"{data.Length - at} bytes follow token {count - 1}: give the right vocabulary_size";
        return error is null ? new Tokenizer(pieces, scores) : null;
    }
}
