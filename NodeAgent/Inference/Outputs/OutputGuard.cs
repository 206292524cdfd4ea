using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Inference.Outputs;

/// <summary>
/// The last look at an item before it leaves the pipeline. The grid takes a malformed output for its node's fault; what a model makes
/// malformed (a score over 1, a box beyond all bounds, sixty-five tensors) must be the item's error instead, the same one on every node.
/// </summary>
internal static class OutputGuard
{
    /// <summary>The longest message of an error; names in it may be a stranger's.</summary>
    private const int MessageMax = 1_000;

    /// <summary>The output itself, or the error that it is.</summary>
    public static ItemOutput Check(ItemOutput output, OutputKind kind)
    {
        var reasons = OutputChecks.Check(new() { Items = new[] { output } }, 1, kind);
        return reasons.Count == 0 ? output : Failed(ItemErrorCode.ModelFailed, $"The pipeline's output is refused: {string.Join(" ", reasons)}");
    }

    /// <summary>An item that is an error.</summary>
    public static ItemOutput Failed(ItemErrorCode code, string message)
    {
        // A cut never leaves half of a surrogate pair.
        var length = message.Length <= MessageMax ? message.Length : char.IsHighSurrogate(message[MessageMax - 1]) ? MessageMax - 1 : MessageMax;
        return new() { Error = new(code, message[..length]) };
    }
}
