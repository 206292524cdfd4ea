using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Tensors;
using PiGrid.Inference;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Tests.Inference;

/// <summary>Whole pipelines over tiny models: what comes out, and what becomes an item's error.</summary>
public class PipelineTests
{
    private static readonly byte[] Add = OnnxModels.Add(2);

    [Fact]
    public void Tensors_GoThroughTheModelByName()
    {
        using var pipeline = Load(Manifests.Tensors, Add);

        var run = pipeline.Run(Manifests.Input(Manifests.Floats("b", [2], 10, 20), Manifests.Floats("a", [2], 1, 2)));

        var y = Assert.Single(run.Output.Tensors!);
        Assert.Equal(("y", "float32"), (y.Name, y.Type));
        Assert.Equal([2], y.Shape);
        Assert.Equal([11f, 22], MemoryMarshal.Cast<byte, float>(y.Data).ToArray());
        Assert.InRange(run.ModelMs, double.Epsilon, run.TotalMs);
    }

    [Fact]
    public void Tensors_WithoutAModel_ComeOutAsTheyCame()
    {
        using var pipeline = Load(Manifests.Tensors with { Model = null }, null);

        var only = Assert.Single(pipeline.Run(Manifests.Input(Manifests.Floats("q", [1, 2], 3, 4))).Output.Tensors!);

        Assert.Equal(("q", "float32"), (only.Name, only.Type));
        Assert.Equal([3f, 4], MemoryMarshal.Cast<byte, float>(only.Data).ToArray());
    }

    [Fact]
    public void Picture_WithoutAModel_ComesOutAsItsTensor()
    {
        var manifest = Manifests.Labels with { Model = null, Postprocess = new() { Kind = OutputKind.Tensors }, Comparator = new() { Kind = ComparatorKind.Tensors } };
        using var pipeline = Load(manifest, null);

        var only = Assert.Single(pipeline.Run(TestPictures.Png(2, 2, 8, 0, [1, 2, 3, 4])).Output.Tensors!);

        Assert.Equal(("image", "float32"), (only.Name, only.Type));
        Assert.Equal([1, 1, 2, 2], only.Shape);
        Assert.Equal([1f, 2, 3, 4], MemoryMarshal.Cast<byte, float>(only.Data).ToArray());
    }

    [Theory]
    [InlineData(TensorElementType.UInt8)]
    [InlineData(TensorElementType.Float16)]
    public void Picture_IntoAModelOfOtherElements_IsConverted(TensorElementType element)
    {
        var manifest = Manifests.Labels with { Postprocess = new() { Kind = OutputKind.Tensors }, Comparator = new() { Kind = ComparatorKind.Tensors } };
        using var pipeline = Load(manifest, Manifests.OneOperator("Identity", element, [1, 1, 2, 2], [1, 1, 2, 2]));

        var y = Assert.Single(pipeline.Run(TestPictures.Png(2, 2, 8, 0, [0, 2, 3, 255])).Output.Tensors!);

        var values = element == TensorElementType.UInt8
            ? y.Data.Select(b => (float)b)
            : MemoryMarshal.Cast<byte, Half>(y.Data).ToArray().Select(h => (float)h);
        Assert.Equal([0, 2, 3, 255], values);
    }

    [Fact]
    public void Labels_OfAModelThatGivesItsInputBack_AreTheBrightestPixels()
    {
        using var pipeline = Load(Manifests.Labels, Manifests.OneOperator("Identity", TensorElementType.Float, [1, 1, 2, 2], [1, 1, 2, 2]));

        var labels = pipeline.Run(TestPictures.Png(2, 2, 8, 0, [1, 9, 3, 9])).Output.Labels!;

        Assert.Equal([(1, 9.0), (3, 9.0)], labels.Select(l => (l.Class, l.Score)));
    }

    [Theory]
    [InlineData("[{\"name\":\"a\"", ItemErrorCode.Undecodable, "no JSON array of tensors")]
    [InlineData("null", ItemErrorCode.Undecodable, "null is no array")]
    [InlineData("[null]", ItemErrorCode.Undecodable, "[0] is null")]
    [InlineData("[]", ItemErrorCode.ShapeMismatch, "0 tensors are given")]
    [InlineData("[{\"name\":\"a\",\"type\":\"float32\",\"shape\":[2],\"data\":\"AAAA\"}]", ItemErrorCode.ShapeMismatch, "needs 8 bytes of data, not 3")]
    [InlineData("[{\"name\":\"a\",\"type\":\"float32\",\"shape\":[9000000000000000000,9],\"data\":\"\"}]", ItemErrorCode.ShapeMismatch, "impossible shape")]
    [InlineData("[{\"name\":\"a\",\"type\":\"float32\",\"shape\":[-1],\"data\":\"\"}]", ItemErrorCode.ShapeMismatch, "impossible shape")]
    [InlineData("[{\"name\":\"a\",\"type\":\"text\",\"shape\":[1],\"data\":\"\"}]", ItemErrorCode.ShapeMismatch, "type 'text'")]
    [InlineData("[{\"name\":\"z\",\"type\":\"uint8\",\"shape\":[1],\"data\":\"AA==\"}]", ItemErrorCode.ShapeMismatch, "no input 'z'; its inputs are 'a', 'b'")]
    public void Tensors_WhenTheyDoNotFit_AreTheItemsError(string json, ItemErrorCode code, string expected) =>
        AssertFails(Load(Manifests.Tensors, Add), System.Text.Encoding.UTF8.GetBytes(json), code, expected);

    [Fact]
    public void Tensors_WhenOneIsMissing_NameIt() => AssertFails(
        Load(Manifests.Tensors, Add), Manifests.Input(Manifests.Floats("b", [2], 1, 2)), ItemErrorCode.ShapeMismatch, "input 'a' (float32 [2]) is missing");

    [Fact]
    public void Error_OfAHugeName_StaysShort()
    {
        using var pipeline = Load(Manifests.Tensors, Add);

        var output = pipeline.Run(Manifests.Input(Manifests.Floats(new string('n', 100_000), [1], 1))).Output;

        Assert.Empty(OutputChecks.Check(new() { Items = [output] }, 1));
    }

    [Fact]
    public void Tensors_WithABrokenName_AreUndecodable() => AssertFails(
        Load(Manifests.Tensors, Add), "[{\"name\":\"\\ud800\",\"type\":\"uint8\",\"shape\":[1],\"data\":\"AA==\"}]"u8.ToArray(), ItemErrorCode.Undecodable, "no JSON array");

    [Theory]
    [InlineData(2f, 1, "score is not a number from 0 to 1")]
    [InlineData(0.9f, 800, "row 0 is not finite")]
    [InlineData(0.9f, 20, "corner that is no number within")]
    public void Detections_ThatNoOutputMayHold_AreTheItemsError(float objectness, float logSize, string expected)
    {
        // A detector of one cell and one class that always says the same.
        var rows = new float[6] { 0, 0, logSize, logSize, objectness, 1 };
        var constant = OnnxModels.Model(g => g
            .Message(1, n => OnnxModels.Node(n, "Constant", [], ["y"]).Message(5, a => a.Text(1, "value")
                .Message(5, t => t.Number(1, 1).Number(1, 1).Number(1, 6).Number(2, 1).Text(8, "c").Bytes(9, MemoryMarshal.AsBytes<float>(rows).ToArray()))
                .Number(20, 4)))
            .Value(11, "x", TensorElementType.Float, [1, 3, 32, 32]).Value(12, "y", TensorElementType.Float, [1, 1, 6]));
        var manifest = Manifests.Detections with
        {
            Postprocess = new() { Kind = OutputKind.Detections, Detections = new() { Family = DetectorFamily.Yolox, Strides = [32] } },
        };

        AssertFails(Load(manifest, constant), TestPictures.Rgb, ItemErrorCode.ModelFailed, expected);
    }

    [Fact]
    public void Tensors_OfAnotherTypeOrShape_SayBoth()
    {
        var other = Manifests.Floats("a", [1, 2], 1, 2);

        AssertFails(Load(Manifests.Tensors, Add), Manifests.Input(other, Manifests.Floats("b", [2], 1, 2)), ItemErrorCode.ShapeMismatch, "float32 [1, 2]; the model's input is float32 [2]");
        AssertFails(Load(Manifests.Tensors, Add), Manifests.Input(other, other), ItemErrorCode.ShapeMismatch, "given twice");
    }

    [Fact]
    public void Run_WhenTheModelGivesNoNumber_IsTheItemsError()
    {
        var roots = Manifests.OneOperator("Sqrt", TensorElementType.Float, [2], [2]);

        AssertFails(Load(Manifests.Tensors, roots), Manifests.Input(Manifests.Floats("x", [2], 4, -4)), ItemErrorCode.ModelFailed, "a NaN or an infinity at element 1");
    }

    [Fact]
    public void Run_WhenTheModelRefusesTheInput_IsTheItemsError()
    {
        var reshape = OnnxModels.Model(g => g
            .Message(1, n => OnnxModels.Node(n, "Reshape", ["x", "s"], ["y"]))
            .Value(11, "x", TensorElementType.Float, [2]).Value(11, "s", TensorElementType.Int64, [1]).Value(12, "y", TensorElementType.Float, [OnnxModels.Open]));
        var shape = new TensorData("s", "int64", [1], BitConverter.GetBytes(3L));

        AssertFails(Load(Manifests.Tensors, reshape), Manifests.Input(Manifests.Floats("x", [2], 1, 2), shape), ItemErrorCode.ModelFailed, "ONNX Runtime cannot run it");
    }

    [Fact]
    public void Run_WhenTheInputHasTooManyBytes_IsTheItemsError()
    {
        var manifest = Manifests.Tensors with { Limits = new() { InputBytes = 10 } };

        AssertFails(Load(manifest, Add), new byte[11], ItemErrorCode.TooLarge, "11 bytes; at most 10");
    }

    [Fact]
    public void Run_WhenThePictureHasTooManyPixels_IsTheItemsError()
    {
        var manifest = Manifests.Labels with { Limits = new() { Pixels = 3 } };
        var model = Manifests.OneOperator("Identity", TensorElementType.Float, [1, 1, 2, 2], [1, 1, 2, 2]);

        AssertFails(Load(manifest, model), TestPictures.Png(2, 2, 8, 0, [1, 2, 3, 4]), ItemErrorCode.TooLarge, "2 x 2 = 4 pixels");
    }

    [Fact]
    public void Run_AfterABadInput_StillWorks()
    {
        using var pipeline = Load(Manifests.Labels, Manifests.OneOperator("Identity", TensorElementType.Float, [1, 1, 2, 2], [1, 1, 2, 2]));
        Assert.NotNull(pipeline.Run([]).Output.Error);

        Assert.Equal(2, pipeline.Run(TestPictures.Png(2, 2, 8, 0, [1, 2, 3, 4])).Output.Labels!.Count);
    }

    [Fact]
    public void Run_OverTheTimeLimit_EndsAsTheItemsError()
    {
        using var pipeline = Pipeline.Load(Manifests.Tensors, new() { Model = OnnxModels.EndlessLoop() }, time: new HurriedTime());

        AssertFails(pipeline, Manifests.Input(Manifests.Floats("x", [1], 1)), ItemErrorCode.TimedOut, "60 seconds");
    }

    [Fact]
    public async Task Run_WhenCancelled_Ends()
    {
        using var pipeline = Load(Manifests.Tensors, OnnxModels.EndlessLoop());
        using var cancel = new CancellationTokenSource();
        var run = Task.Run(() => pipeline.Run(Manifests.Input(Manifests.Floats("x", [1], 1)), cancel.Token));

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public void Output_OfTheSameInput_HasTheSameDigest()
    {
        using var pipeline = Load(Manifests.Tensors, Add);
        var input = Manifests.Input(Manifests.Floats("a", [2], 1, 2), Manifests.Floats("b", [2], 3, 4));

        Assert.Equal(
            CanonicalJson.Digest(new ShardOutput { Items = [pipeline.Run(input).Output] }),
            CanonicalJson.Digest(new ShardOutput { Items = [pipeline.Run(input).Output] }));
    }

    private static Pipeline Load(ModelManifest manifest, byte[]? model) => Pipeline.Load(manifest, new() { Model = model });

    private static void AssertFails(Pipeline pipeline, byte[] input, ItemErrorCode code, string expected)
    {
        using (pipeline)
        {
            var error = pipeline.Run(input).Output.Error;
            Assert.Equal(code, error?.Code);
            Assert.Contains(expected, error!.Message, StringComparison.Ordinal);
        }
    }
}
