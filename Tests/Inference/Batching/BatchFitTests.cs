using Microsoft.ML.OnnxRuntime.Tensors;
using PiGrid.Inference.Batching;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Tests.Inference.Batching;

/// <summary>Which models may take several inputs in one run, by what they and their manifests say.</summary>
public class BatchFitTests
{
    private static readonly BatchGraph Plain = BatchGraph.Read(BatchModels.Roots)!;

    [Theory]
    [InlineData(new long[] { -1, 3 }, new long[] { -1, 5 }, 16)]
    [InlineData(new long[] { -1 }, new long[] { -1, -1 }, 16)]
    [InlineData(new long[] { 1, 3 }, new long[] { -1, 5 }, 1)]
    [InlineData(new long[] { -1, 3 }, new long[] { 1, 5 }, 1)]
    [InlineData(new long[] { 3, -1 }, new long[] { 3, -1 }, 1)]
    [InlineData(new long[0], new long[] { -1 }, 1)]
    [InlineData(new long[] { -1 }, new long[0], 1)]
    public void Model_WhoseFirstDimensionsAreAllOpen_MayBatch(long[] input, long[] output, int expected) =>
        Assert.Equal(expected, BatchFit.MaxOf(Manifests.Tensors, [new("a", "float32", input)], [new("b", "int64", output)], Plain));

    [Fact]
    public void Model_OfWhichOneTensorHasNoRows_DoesNot()
    {
        TensorSpec rows = new("a", "float32", [-1, 2]), whole = new("b", "float32", [2]);

        Assert.Equal(1, BatchFit.MaxOf(Manifests.Tensors, [rows, whole], [rows], Plain));
        Assert.Equal(1, BatchFit.MaxOf(Manifests.Tensors, [rows], [rows, whole], Plain));
        Assert.Equal(1, BatchFit.MaxOf(Manifests.Tensors, [], [rows], Plain));
    }

    [Theory]
    [InlineData("string", 1)]
    [InlineData("sequence", 1)]
    [InlineData("bool", 16)]
    [InlineData("float16", 16)]
    public void Model_OfTheseElements_MayBatchWhenTheyAreNumbers(string type, int expected)
    {
        TensorSpec rows = new("a", "float32", [-1, 2]), other = new("b", type, [-1]);

        Assert.Equal(expected, BatchFit.MaxOf(Manifests.Tensors, [rows, other], [rows], Plain));
        Assert.Equal(expected, BatchFit.MaxOf(Manifests.Tensors, [rows], [rows, other], Plain));
    }

    [Fact]
    public void Manifest_OfAnExactComparatorOrOfText_DoesNotBatch()
    {
        TensorSpec rows = new("a", "float32", [-1, 2]);

        Assert.Equal(1, BatchFit.MaxOf(Manifests.Tensors with { Comparator = new() { Kind = ComparatorKind.Exact } }, [rows], [rows], Plain));
        Assert.Equal(1, BatchFit.MaxOf(Manifests.Text, [rows], [rows], Plain));
        Assert.Equal(16, BatchFit.MaxOf(Manifests.Labels, [rows], [rows], Plain));
    }

    [Theory]
    [InlineData(null, 16)]
    [InlineData(1, 1)]
    [InlineData(200, 200)]
    public void Manifest_ThatSaysHowMany_IsObeyed(int? batch, int expected)
    {
        TensorSpec rows = new("a", "float32", [-1, 2]), whole = new("a", "float32", [2]);
        var manifest = Manifests.Tensors with { Limits = new() { Batch = batch } };

        Assert.Equal(expected, BatchFit.MaxOf(manifest, [rows], [rows], Plain));
        Assert.Equal(1, BatchFit.MaxOf(manifest, [whole], [whole], Plain));
    }

    [Theory]
    [InlineData("rows", "rows", 16)]
    [InlineData("rows", "found", 1)]
    [InlineData("rows", "", 16)]
    [InlineData("", "", 16)]
    public void Rows_ThatTheModelNames_HaveOneName(string input, string output, int expected)
    {
        var graph = BatchGraph.Read(OnnxModels.Model(g => Declare(Declare(g, 11, "x", input), 12, "y", output)))!;

        Assert.Equal(expected, BatchFit.MaxOf(Manifests.Tensors, [new("x", "float32", [-1])], [new("y", "float32", [-1])], graph));
    }

    [Theory]
    [InlineData("DynamicQuantizeLinear", 1)]
    [InlineData("NonMaxSuppression", 1)]
    [InlineData("Conv", 16)]
    public void Operator_ThroughWhichRowsReachEachOther_KeepsAModelOut(string type, int expected)
    {
        TensorSpec rows = new("x", "float32", [-1, 2]);
        var plain = OnnxModels.Model(g => g.Message(1, n => OnnxModels.Node(n, type, ["x"], ["y"])));
        var inner = OnnxModels.Model(g => g.Message(1, n => OnnxModels.Node(n, "If", ["x"], ["y"])
            .Message(5, a => a.Text(1, "then_branch").Message(6, b => b.Message(1, m => OnnxModels.Node(m, type, ["x"], ["y"]))))));

        Assert.Equal(expected, BatchFit.MaxOf(Manifests.Tensors, [rows], [rows], BatchGraph.Read(plain)));
        Assert.Equal(expected, BatchFit.MaxOf(Manifests.Tensors, [rows], [rows], BatchGraph.Read(inner)));
    }

    [Fact]
    public void Graph_OfAModel_NamesOperatorsAndRows()
    {
        var graph = BatchGraph.Read(BatchModels.Endless)!;

        Assert.Equal(["Identity", "Loop"], graph.Operators.Order(StringComparer.Ordinal));
        Assert.Equal(["x", "y"], graph.RowNames.Keys.Order(StringComparer.Ordinal));
        Assert.All(graph.RowNames.Values, name => Assert.Equal("d0", name));
    }

    [Fact]
    public void Graph_ThatCannotBeRead_KeepsAModelOut()
    {
        TensorSpec rows = new("x", "float32", [-1, 2]);

        Assert.Null(BatchGraph.Read([0x3B, 1]));
        Assert.Equal(1, BatchFit.MaxOf(Manifests.Tensors, [rows], [rows], graph: null));
    }

    private static OnnxModels.Proto Declare(OnnxModels.Proto graph, int field, string name, string rows) => graph.Message(field, v => v
        .Text(1, name).Message(2, t => t.Message(1, tensor => tensor.Number(1, (int)TensorElementType.Float)
            .Message(2, s => s.Message(1, d => _ = rows.Length > 0 ? d.Text(2, rows) : d)))));
}
