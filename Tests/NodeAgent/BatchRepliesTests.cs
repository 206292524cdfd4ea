using PiGrid.Inference;
using PiGrid.NodeAgent.Workers.Inside;
using PiGrid.NodeAgent.Workers.Wire;
using PiGrid.Tests.Verification;
using PiGrid.Verification;

namespace PiGrid.Tests.NodeAgent;

/// <summary>The reply to a batch stays within a frame, whatever the outputs are.</summary>
public class BatchRepliesTests
{
    [Theory]
    [InlineData(ComparatorKind.Tensors)]
    [InlineData(ComparatorKind.Labels)]
    [InlineData(ComparatorKind.Detections)]
    [InlineData(ComparatorKind.Text)]
    public void Reply_OfAnyOutputs_TakesNoMoreThanItsBytes(ComparatorKind kind) => Dice.Check(200, dice =>
    {
        var runs = dice.Several(1 + dice.Below(5), d => new ItemRun(d.Once(4) ? Failed(d) : Samples.Item(d, kind), d.Below(1_000_000) / 999.0, 0));
        var bytesMax = dice.Below(20_000);

        var reply = BatchReplies.Of(runs, 16, bytesMax);

        Assert.True(reply.Runs.Count == 1 || Frames.Encode<WorkerReply>(reply).Length <= bytesMax);
        Assert.Equal(reply.Runs.Count == runs.Length ? 16 : 1, reply.BatchMax);
        Assert.Equal(runs.Take(reply.Runs.Count).Select(r => MemoryErrors.Unify(r.Output).Error?.Code), reply.Runs.Select(r => r.Output.Error?.Code));
    });

    [Fact]
    public void Reply_WithinItsBytes_HasAllRuns()
    {
        var runs = Enumerable.Range(0, 16).Select(i => new ItemRun(new() { Tensors = [new("y", "uint8", [1_000], new byte[1_000])] }, i, i)).ToArray();

        Assert.Equal(16, BatchReplies.Of(runs, 16, 64_000).Runs.Count);
        Assert.InRange(BatchReplies.Of(runs, 16, 10_000).Runs.Count, 2, 8);
        Assert.Single(BatchReplies.Of(runs, 16, 1).Runs);
    }

    private static ItemOutput Failed(Dice dice) => new() { Error = new(ItemErrorCode.ModelFailed, dice.OneOf("", "std::bad_alloc", "\u0001\ud800\"", new string('é', 500))) };
}
