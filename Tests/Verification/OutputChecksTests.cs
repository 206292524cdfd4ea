using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Tests.Verification;

public class OutputChecksTests
{
    private static readonly Detection Bus = Samples.Object(0, 0.9, 0, 0);

    public static TheoryData<ItemOutput, string> Malformed { get; } = new()
    {
        { new ItemOutput(), "0 of error" },
        { new ItemOutput { Labels = [], Detections = [] }, "2 of error" },
        { null!, "0 of error" },
        { Samples.Labels((1, double.NaN)), "finite" },
        { Samples.Labels((1, 0.5), (1, 0.4)), "twice" },
        { Samples.Labels((1, 0.4), (2, 0.5)), "order" },
        { Samples.Labels((-1, 0.5)), "negative class" },
        { new ItemOutput { Labels = [null!] }, "missing" },
        { Samples.Labels(Enumerable.Range(0, 1001).Select(i => (i, 0.5)).ToArray()), "at most 1000" },
        { Samples.Detections(Bus with { Score = -0.1 }), "0 to 1" },
        { Samples.Detections(Bus with { Score = 1.1 }), "0 to 1" },
        { Samples.Detections(Bus with { Score = double.NaN }), "0 to 1" },
        { Samples.Detections(Bus with { Box = new Box(5, 0, 4, 1) }), "crossed" },
        { Samples.Detections(Bus with { Box = new Box(0, 0, double.PositiveInfinity, 1) }), "corner" },
        { Samples.Detections(Bus with { Box = new Box(0, double.NaN, 1, 1) }), "corner" },
        { Samples.Detections(Bus, Bus with { Score = 0.8 }), "twice" },
        { Samples.Detections(Bus with { Score = 0.5 }, Samples.Object(1, 0.6, 0, 0)), "order" },
        { Samples.Detections([.. Enumerable.Range(0, 1001).Select(i => Samples.Object(0, 0.5, i, 0))]), "at most 1000" },
        { new ItemOutput { Text = new GeneratedText([1, -1], "a") }, "negative" },
        { new ItemOutput { Text = new GeneratedText(new int[100_001], "a") }, "100000 tokens" },
        { Samples.Error(ItemErrorCode.GivenUp), "given_up" },
        { Samples.Error(ItemErrorCode.TooLarge, new string('x', 2001)), "message" },
        { new ItemOutput { Tensors = [] }, "0 tensors" },
        { Samples.Floats(1, float.NaN), "element 1" },
        { Samples.Floats(float.NegativeInfinity), "element 0" },
        { new ItemOutput { Tensors = [new("y", "float32", [2], new byte[4])] }, "need 8" },
        { new ItemOutput { Tensors = [new("y", "float32", [-1], new byte[4])] }, "negative dimension" },
        { new ItemOutput { Tensors = [new("y", "float32", [1L << 40, 1L << 40], new byte[4])] }, "2^31" },
        { new ItemOutput { Tensors = [new("y", "float8", [4], new byte[4])] }, "type" },
        { new ItemOutput { Tensors = [new("y", "uint8", new long[17], [])] }, "dimensions" },
        { new ItemOutput { Tensors = [new("y", "string", [1], [2, 0, 0, 0, 65])] }, "1 strings" },
        { new ItemOutput { Tensors = [new("y", "string", [2], [1, 0, 0, 0, 65])] }, "2 strings" },
    };

    [Theory]
    [MemberData(nameof(Malformed), DisableDiscoveryEnumeration = true)]
    public void Output_WhenMalformed_IsRefusedWithTheReason(ItemOutput item, string reason)
    {
        var reasons = OutputChecks.Check(Samples.Output(item), 1);

        Assert.Contains(reasons, text => text.Contains(reason, StringComparison.Ordinal) && text.StartsWith("items[0]", StringComparison.Ordinal));
    }

    [Fact]
    public void Output_WhenItemsAreMissing_IsRefused() =>
        Assert.Contains("1 items where there are 2", Assert.Single(OutputChecks.Check(Samples.Output(Samples.Text(1)), 2)), StringComparison.Ordinal);

    [Fact]
    public void Output_WhenOfAnotherKind_IsRefusedUnlessItIsAnError()
    {
        Assert.Contains("'labels'", Assert.Single(OutputChecks.Check(Samples.Output(Samples.Text(1)), 1, OutputKind.Labels)), StringComparison.Ordinal);
        Assert.Empty(OutputChecks.Check(Samples.Output(Samples.Error(ItemErrorCode.TooLarge)), 1, OutputKind.Labels));
        Assert.Empty(OutputChecks.Check(Samples.Output(Samples.Text(1)), 1, OutputKind.Text));
    }

    [Theory]
    [InlineData(0.3, true)]
    [InlineData(0.299999, true)] // 0.2999995, rounded
    [InlineData(0.29, false)]
    public void Detections_BelowTheDecodersThreshold_AreRefused(double score, bool passes)
    {
        var reasons = OutputChecks.Check(Samples.Output(Samples.Detections(Bus, Samples.Object(1, score, 0, 0))), 1, OutputKind.Detections, 0.3);

        Assert.Equal(passes, reasons.Count == 0);
        Assert.All(reasons, reason => Assert.Contains("below 0.3", reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Output_WhenMadeUpAtRandom_IsRefusedOrComparedButNeverThrows() => Dice.Check(2_000, dice =>
    {
        // Any document of a few members that a node could send: what passes the checks can be compared, with itself and with an honest output.
        var kind = dice.OneOf(ComparatorKind.Exact, ComparatorKind.Tensors, ComparatorKind.Labels, ComparatorKind.Detections, ComparatorKind.Text);
        var output = ShardOutput.TryParse(System.Text.Encoding.UTF8.GetBytes(Documents.Output(dice)), out var problem);
        if (output is null)
        {
            Assert.NotNull(problem);
        }
        else if (OutputChecks.Check(output, 1, OutputChecks.KindOf(kind), 0.3).Count == 0)
        {
            var comparator = new Comparator { Kind = kind, DecisionThreshold = 0.3, TopK = 2 };
            Assert.Equal(Agreement.Agree, OutputComparer.Compare(comparator, output, output));
            OutputComparer.Compare(comparator, output, Samples.Output(Samples.Item(dice, kind)));
        }
    });

    [Fact]
    public void Output_WhenAllIsWrong_GivesAFewReasonsOnly() =>
        Assert.Equal(OutputLimits.ReasonsMax, OutputChecks.Check(Samples.Output(new ItemOutput[100]), 100).Count);

    [Fact]
    public void Output_WhenItIsAScalarOrEmptyOrText_Passes()
    {
        TensorData[] tensors = [new("a", "float32", [], new byte[4]), new("b", "int64", [0, 7], []), new("c", "string", [1], [2, 0, 0, 0, 104, 105])];
        Assert.Empty(OutputChecks.Check(Samples.Output(new ItemOutput { Tensors = tensors }), 1, OutputKind.Tensors));
    }
}
