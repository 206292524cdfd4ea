using Microsoft.ML.OnnxRuntime.Tensors;
using PiGrid.Inference;
using PiGrid.Inference.Validation;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Tests.Inference;

/// <summary>What an operator node says of models that do and do not work.</summary>
public class ModelValidatorTests
{
    private static readonly byte[] Same = Manifests.OneOperator("Identity", TensorElementType.Float, [1, 1, 2, 2], [1, 1, 2, 2]);

    [Fact]
    public void Model_WhenItWorks_IsReportedWithItsRingers()
    {
        var manifest = Manifests.Labels with { Ringers = [new() { File = "a.png" }] };

        var outcome = ModelValidator.Validate(manifest, new() { Model = Same }, [TestPictures.Png(2, 2, 8, 0, [4, 3, 2, 1])]);

        Assert.Empty(outcome.Errors);
        Assert.Equal(("x", "float32"), (outcome.Report!.Inputs[0].Name, outcome.Report.Inputs[0].Type));
        Assert.Equal([1, 1, 2, 2], outcome.Report.Outputs[0].Shape);
        Assert.Equal([0, 1], outcome.Report.Ringers[0].Labels!.Select(l => l.Class));
        Assert.True(outcome.Report.InputMs > 0);
        Assert.NotNull(outcome.ToItem().Report);
    }

    [Fact]
    public void Model_WhenNoOnnx_IsRefused()
    {
        AssertRefused(Manifests.Labels, "this is no model"u8.ToArray(), "model", "no ONNX model");
        AssertRefused(Manifests.Labels, TestPictures.Rgb, "model", "no ONNX model");
        AssertRefused(Manifests.Labels, [], "model", "empty (0 bytes)");
        AssertRefused(Manifests.Labels, null, "model", "missing");
    }

    [Fact]
    public void Model_WhenTruncatedAnywhere_IsRefused()
    {
        for (var length = 1; length < Same.Length; length++)
        {
            var outcome = ModelValidator.Validate(Manifests.Labels, new() { Model = Same[..length] }, []);
            Assert.Equal("model", Assert.Single(outcome.Errors).Field);
        }

        AssertRefused(Manifests.Labels, Same[..(Same.Length / 2)], "model", "truncated");
    }

    [Fact]
    public void Model_WhenAnOperatorIsUnknown_NamesItAndTheRemedy()
    {
        AssertRefused(Manifests.Tensors, OnnxModels.UnknownOperator(), "model", "NoSuchOperator");
        AssertRefused(Manifests.Tensors, OnnxModels.UnknownOperator(), "model", "export it again with standard ONNX operators");
    }

    [Fact]
    public void Model_WhenItsWeightsLieElsewhere_IsRefused()
    {
        var external = OnnxModels.Model(g => g
            .Message(1, n => OnnxModels.Node(n, "Add", ["x", "w"], ["y"]))
            .Message(5, t => t.Number(1, 2).Number(2, 1).Text(8, "w").Message(13, e => e.Text(1, "location").Text(2, "../secret")).Number(14, 1))
            .Value(11, "x", TensorElementType.Float, [2]).Value(12, "y", TensorElementType.Float, [2]));

        AssertRefused(Manifests.Tensors, external, "model", "'w' lies in another file");
    }

    [Fact]
    public void Model_WhenAnAttributesTensorLiesElsewhere_IsRefused()
    {
        var external = OnnxModels.Model(g => g
            .Message(1, n => OnnxModels.Node(n, "Constant", [], ["y"]).Message(5, a => a.Text(1, "value")
                .Message(5, t => t.Number(2, 1).Text(8, "c").Number(14, 1)).Number(20, 4)))
            .Value(12, "y", TensorElementType.Float, [2]));

        AssertRefused(Manifests.Tensors, external, "model", "'c' lies in another file");
    }

    [Theory]
    [InlineData("z", "float32", 2L, "inputs[0].name", "no 'z'")]
    [InlineData("x", "int64", 2L, "inputs[0].type", "write float32")]
    [InlineData("x", "float32", 3L, "inputs[0].shape", "[1, 1, 2, 2]")]
    public void Manifest_WhenItsInputsAreNotTheModels_SaysWhich(string name, string type, long last, string field, string expected) =>
        AssertRefused(Manifests.Labels with { Inputs = [new(name, type, [1, 1, 2, last])] }, Same, field, expected);

    [Fact]
    public void Manifest_WhenItStatesSomeOutputsOnly_IsRefused()
    {
        var two = OnnxModels.Model(g => g
            .Message(1, n => OnnxModels.Node(n, "Identity", ["x"], ["y"])).Message(1, n => OnnxModels.Node(n, "Neg", ["x"], ["z"]))
            .Value(11, "x", TensorElementType.Float, [2]).Value(12, "y", TensorElementType.Float, [2]).Value(12, "z", TensorElementType.Float, [2]));

        AssertRefused(Manifests.Tensors with { Outputs = [new("y", "float32", [2])] }, two, "outputs", "also has 'z'");
    }

    [Fact]
    public void Manifest_WhenThePictureDoesNotFitTheInput_SaysBothShapes()
    {
        var manifest = Manifests.Labels with { Preprocess = new() { Kind = InputKind.Image, Image = new() { Width = 3, Height = 2 } } };

        AssertRefused(manifest, Same, "preprocess.image", "[1, 3, 2, 3], but the model's input 'x' is [1, 1, 2, 2]");
    }

    [Fact]
    public void Manifest_WhenTheModelTakesSeveralInputs_CannotFillThemFromAPicture() =>
        AssertRefused(Manifests.Labels, OnnxModels.Add(1, 1, 2, 2), "preprocess.image", "2 inputs ('a', 'b')");

    [Fact]
    public void Manifest_WhenTheModelTakesOtherElements_SaysSo() =>
        AssertRefused(
            Manifests.Labels with { Postprocess = new() { Kind = OutputKind.Tensors }, Comparator = new() { Kind = ComparatorKind.Tensors } },
            Manifests.OneOperator("Identity", TensorElementType.Int32, [1, 1, 2, 2], [1, 1, 2, 2]), "preprocess.image", "int32");

    [Fact]
    public void Labels_WhenNotAsManyAsClasses_AreRefused()
    {
        var manifest = Manifests.Labels with { Files = [new() { File = "l.txt" }], Postprocess = new() { Kind = OutputKind.Labels, Labels = "l.txt" } };
        var files = new PipelineFiles { Model = Same, Files = new Dictionary<string, byte[]> { ["l.txt"] = "a\nb\nc"u8.ToArray() } };

        var error = Assert.Single(ModelValidator.Validate(manifest, files, []).Errors);

        Assert.Equal("postprocess.labels", error.Field);
        Assert.Contains("3 classes, but the model's output 'y' has 4", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new long[] { 1, 21, 7 }, null)]
    [InlineData(new long[] { -1, -1, -1 }, null)]
    [InlineData(new long[] { 1, 20, 7 }, "[1, 21, 5 + classes]")]
    [InlineData(new long[] { 1, 21, 5 }, "[1, 21, 5 + classes]")]
    [InlineData(new long[] { 21, 7 }, "[1, 21, 5 + classes]")]
    public void Yolox_WhenTheOutputIsMisshapen_IsRefused(long[] shape, string? expected)
    {
        var errors = ModelFit.Check(Manifests.Detections, [new("x", "float32", [1, 3, 32, 32])], [new("y", "float32", shape)], 2);

        Assert.Equal(expected is not null, errors.Count > 0);
        Assert.All(errors, e => Assert.Equal("postprocess.detections", e.Field));
        Assert.All(errors, e => Assert.Contains(expected!, e.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Nanodet_WhenAnOutputIsMissingOrMisshapen_IsRefused()
    {
        var manifest = Manifests.Detections with
        {
            Postprocess = new()
            {
                Kind = OutputKind.Detections,
                Detections = new() { Family = DetectorFamily.Nanodet, Strides = [8, 16], ClassOutputs = ["c8", "c16"], DistanceOutputs = ["d8", "d16"] },
            },
        };

        var errors = ModelFit.Check(
            manifest,
            [new("x", "float32", [1, 3, 32, 32])],
            [new("c8", "float32", [1, 16, 2]), new("d8", "float32", [1, 16, 33]), new("d16", "int64", [1, 4, 32])],
            2);

        Assert.Equal(
            ["postprocess.detections", "postprocess.detections.class_outputs[1]", "postprocess.detections.distance_outputs[1]"], errors.Select(e => e.Field));
        Assert.Contains("[1, 16, 4 * bins]", errors[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_WhenTheLogitsAreNotTheVocabulary_IsRefused()
    {
        var errors = ModelFit.Check(Manifests.Text, [new("t", "int64", [1, -1])], [new("l", "float32", [1, -1, 299])], null);

        Assert.Contains("[1, tokens, 300]", Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ringer_WhenThePipelineFailsOnIt_IsRefused()
    {
        var manifest = Manifests.Labels with { Ringers = [new() { File = "a.png" }, new() { File = "b.png" }] };

        var outcome = ModelValidator.Validate(manifest, new() { Model = Same }, [TestPictures.Rgb, []]);

        Assert.Null(outcome.Report);
        Assert.Equal(("ringers[1]", "failed"), (outcome.Errors[0].Field, outcome.Errors[0].Code));
        Assert.Contains("ringers[1]", outcome.ToItem().Error!.Message, StringComparison.Ordinal);
        Assert.Equal("ringers", Assert.Single(ModelValidator.Validate(manifest, new() { Model = Same }, []).Errors).Field);
    }

    [Fact]
    public void Model_WhenItAnswersDifferentlyEachTime_IsRefused()
    {
        var random = Manifests.OneOperator("RandomNormalLike", TensorElementType.Float, [1, 1, 2, 2], [1, 1, 2, 2]);
        var manifest = Manifests.Labels with { Ringers = [new() { File = "a.png" }] };

        var outcome = ModelValidator.Validate(manifest, new() { Model = random }, [TestPictures.Rgb]);

        Assert.Equal("not_repeatable", Assert.Single(outcome.Errors).Code);
    }

    private static void AssertRefused(ModelManifest manifest, byte[]? model, string field, string expected)
    {
        var outcome = ModelValidator.Validate(manifest, new() { Model = model }, []);
        Assert.Null(outcome.Report);
        var error = Assert.Single(outcome.Errors);
        Assert.Equal(field, error.Field);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
