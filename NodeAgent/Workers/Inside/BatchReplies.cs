using PiGrid.Inference;
using PiGrid.NodeAgent.Workers.Wire;
using PiGrid.Verification;

namespace PiGrid.NodeAgent.Workers.Inside;

/// <summary>
/// Makes the reply to a batch, within the bytes of a frame: what does not fit is left to be asked for one by one, since a worker that sends a larger frame is
/// taken for broken and ended, and its inputs with it.
/// </summary>
internal static class BatchReplies
{
    // A character is written in at most six bytes (\uXXXX); a number, a name of a member, brackets and commas in far less than what is allowed for them.
    private const int CharacterBytes = 6, NumberBytes = 32, MemberBytes = 64;

    /// <summary>The reply.</summary>
    /// <param name="runs">A run for each input, at least one.</param>
    /// <param name="batchMax">The most inputs that the next batch may have.</param>
    /// <param name="bytesMax">The bytes of a frame.</param>
    public static RanBatchReply Of(IReadOnlyList<ItemRun> runs, int batchMax, int bytesMax)
    {
        List<RanReply> fitting = [];
        var bytes = (long)MemberBytes;
        foreach (var run in runs)
        {
            bytes += BytesOf(run.Output);
            if (fitting.Count > 0 && bytes > bytesMax)
            {
                // Nor would the next batch fit.
                return new(fitting, 1);
            }

            fitting.Add(new(MemoryErrors.Unify(run.Output), run.ModelMs));
        }

        return new(fitting, batchMax);
    }

    /// <summary>More bytes than a run with this output takes in a reply.</summary>
    internal static long BytesOf(ItemOutput output)
    {
        var bytes = 4L * MemberBytes;
        bytes += output.Error is { } error ? TextBytes(error.Message) * 2 : 0;
        bytes += output.Labels?.Sum(l => (2 * NumberBytes) + TextBytes(l.Label)) ?? 0;
        bytes += output.Detections?.Sum(d => (8 * NumberBytes) + TextBytes(d.Label)) ?? 0;
        bytes += output.Text is { } text ? (text.Tokens.Count * (long)NumberBytes) + TextBytes(text.Text) : 0;
        bytes += output.Tensors?.Sum(t => TextBytes(t.Name) + (t.Shape.Count * NumberBytes) + (t.Data.LongLength / 3 * 4) + 4) ?? 0;
        return bytes;
    }

    private static long TextBytes(string text) => (2 * MemberBytes) + ((long)CharacterBytes * text.Length);
}
