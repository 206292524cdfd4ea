using System.Text.Json;
using System.Text.Json.Nodes;
using PiGrid.Models;

namespace PiGrid.Tests.Inference;

/// <summary>Manifests that do not make sense: each error names its field.</summary>
public class ManifestValidatorTests
{
    public static TheoryData<string> Examples => new("yolox_nano", "nanodet_m_320", "squeezenet", "mnist", "stories260k");

    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_IsValid(string name)
    {
        Assert.True(ManifestReader.TryParse(Example(name), out var manifest, out var errors));
        Assert.Empty(errors);
        Assert.Empty(ManifestValidator.Validate(manifest));
    }

    [Theory]
    [InlineData("mnist", "schema", "\"pigrid-manifest/2\"", "schema")]
    [InlineData("mnist", "name", "\"two words\"", "name")]
    [InlineData("mnist", "name", "\"-x\"", "name")]
    [InlineData("mnist", "version", "\"\"", "version")]
    [InlineData("mnist", "publisher", "\"  \"", "publisher")]
    [InlineData("mnist", "licence", "\"a\\nb\"", "licence")]
    [InlineData("mnist", "category", "\"\"", "category")]
    [InlineData("mnist", "model.file", "\"../secret.onnx\"", "model.file")]
    [InlineData("mnist", "model.file", "\"/etc/passwd\"", "model.file")]
    [InlineData("mnist", "model.file", "\"C:/x.onnx\"", "model.file")]
    [InlineData("mnist", "model.file", "\"a\\\\b.onnx\"", "model.file")]
    [InlineData("mnist", "model.file", "\"a//b.onnx\"", "model.file")]
    [InlineData("mnist", "model.size", "-1", "model.size")]
    [InlineData("mnist", "model.size", "0", "model.size")]
    [InlineData("mnist", "preprocess.image.width", "0", "preprocess.image.width")]
    [InlineData("mnist", "preprocess.image.width", "2147483647", "preprocess.image.width")]
    [InlineData("mnist", "preprocess.image.height", "8193", "preprocess.image.height")]
    [InlineData("mnist", "preprocess.image.pad", "256", "preprocess.image.pad")]
    [InlineData("mnist", "preprocess.image.scale", "0", "preprocess.image.scale")]
    [InlineData("mnist", "preprocess.image.scale", "1e300", "preprocess.image.scale")]
    [InlineData("mnist", "preprocess.image.mean", "[1, 2]", "preprocess.image.mean")]
    [InlineData("mnist", "preprocess.image.std", "[0]", "preprocess.image.std[0]")]
    [InlineData("mnist", "preprocess.image.std", "[1e-300]", "preprocess.image.std[0]")]
    [InlineData("mnist", "preprocess.image.short_side", "30", "preprocess.image.short_side")]
    [InlineData("squeezenet", "preprocess.image.short_side", "226", "preprocess.image.short_side")]
    [InlineData("squeezenet", "preprocess.image.short_side", null, "preprocess.image.short_side")]
    [InlineData("squeezenet", "preprocess.image.std", "[1, 0, 1]", "preprocess.image.std[1]")]
    [InlineData("mnist", "preprocess.image", null, "preprocess.image")]
    [InlineData("mnist", "preprocess.tokenizer", "{\"file\": \"t\", \"vocabulary_size\": 5}", "preprocess.tokenizer")]
    [InlineData("stories260k", "preprocess.tokenizer.file", "\"none.bin\"", "preprocess.tokenizer.file")]
    [InlineData("stories260k", "preprocess.tokenizer.vocabulary_size", "1000001", "preprocess.tokenizer.vocabulary_size")]
    [InlineData("stories260k", "preprocess.tokenizer.bos", "512", "preprocess.tokenizer.bos")]
    [InlineData("stories260k", "postprocess.generation", null, "postprocess.generation")]
    [InlineData("stories260k", "postprocess.generation.tokens_max", "0", "postprocess.generation.tokens_max")]
    [InlineData("stories260k", "postprocess.generation.context_max", "1000001", "postprocess.generation.context_max")]
    [InlineData("stories260k", "postprocess.generation.stop_tokens", "[-1]", "postprocess.generation.stop_tokens[0]")]
    [InlineData("mnist", "postprocess.top_k", "0", "postprocess.top_k")]
    [InlineData("mnist", "postprocess.labels", "\"none.txt\"", "postprocess.labels")]
    [InlineData("mnist", "comparator.kind", "\"detections\"", "comparator.kind")]
    [InlineData("mnist", "comparator.top_k", "4", "comparator.top_k")]
    [InlineData("mnist", "comparator.score_tolerance", "1.5", "comparator.score_tolerance")]
    [InlineData("mnist", "comparator.absolute", "-1", "comparator.absolute")]
    [InlineData("mnist", "comparator.iou", "0", "comparator.iou")]
    [InlineData("yolox_nano", "comparator.decision_threshold", "0.3", "comparator.decision_threshold")]
    [InlineData("yolox_nano", "postprocess.detections", null, "postprocess.detections")]
    [InlineData("yolox_nano", "postprocess.softmax", "true", "postprocess.softmax")]
    [InlineData("yolox_nano", "postprocess.detections.strides", "[]", "postprocess.detections.strides")]
    [InlineData("yolox_nano", "postprocess.detections.strides", "[0]", "postprocess.detections.strides[0]")]
    [InlineData("yolox_nano", "postprocess.detections.strides", "[8, 100]", "postprocess.detections.strides[1]")]
    [InlineData("yolox_nano", "postprocess.detections.score_threshold", "-0.1", "postprocess.detections.score_threshold")]
    [InlineData("yolox_nano", "postprocess.detections.iou_threshold", "1.1", "postprocess.detections.iou_threshold")]
    [InlineData("yolox_nano", "postprocess.detections.detections_max", "1001", "postprocess.detections.detections_max")]
    [InlineData("yolox_nano", "postprocess.detections.class_outputs", "[\"a\"]", "postprocess.detections.class_outputs")]
    [InlineData("nanodet_m_320", "postprocess.detections.distance_outputs", "[\"a\"]", "postprocess.detections.distance_outputs")]
    [InlineData("yolox_nano", "inputs", "[null]", "inputs[0]")]
    [InlineData("yolox_nano", "inputs", "[{\"name\": \"a\", \"type\": \"float\", \"shape\": [1]}]", "inputs[0].type")]
    [InlineData("yolox_nano", "inputs", "[{\"name\": \"a\", \"type\": \"int8\", \"shape\": [1, 0]}]", "inputs[0].shape[1]")]
    [InlineData("yolox_nano", "files", "[{\"file\": \"models/coco_classes.txt\"}, {\"file\": \"models/coco_classes.txt\"}]", "files[1].file")]
    [InlineData("yolox_nano", "ringers", "[null]", "ringers[0]")]
    [InlineData("mnist", "limits.seconds_per_input", "0", "limits.seconds_per_input")]
    [InlineData("mnist", "limits.memory_mib", "63", "limits.memory_mib")]
    [InlineData("mnist", "limits.input_bytes", "0", "limits.input_bytes")]
    [InlineData("mnist", "limits.pixels", "400000001", "limits.pixels")]
    [InlineData("mnist", "limits.batch", "0", "limits.batch")]
    [InlineData("mnist", "limits.batch", "257", "limits.batch")]
    public void Manifest_WhenAFieldIsWrong_NamesIt(string example, string path, string? value, string field)
    {
        Assert.False(ManifestReader.TryParse(Changed(example, path, value), out _, out var errors));

        Assert.Equal(field, Assert.Single(errors).Field);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(256)]
    public void Batch_AtTheEndsOfItsRange_IsValid(int batch) =>
        Assert.Empty(ManifestValidator.Validate(Manifests.Labels with { Limits = new() { Batch = batch } }));

    [Fact]
    public void Batch_WhenAbsent_LeavesTheCanonicalLimitsAsTheyWere() => Assert.Equal(
        """{"input_bytes":33554432,"memory_mib":2048,"pixels":50000000,"seconds_per_input":60}""",
        System.Text.Encoding.UTF8.GetString(CanonicalJson.Serialize(new ManifestLimits())));

    [Fact]
    public void Manifest_WhenMuchIsWrong_SaysAllAtOnce()
    {
        var manifest = Manifests.Labels with
        {
            Name = "", Limits = new() { MemoryMib = 1, SecondsPerInput = double.NaN }, Comparator = new() { Kind = PiGrid.Verification.ComparatorKind.Text },
        };

        Assert.Equal(["name", "limits.seconds_per_input", "limits.memory_mib", "comparator.kind"], ManifestValidator.Validate(manifest).Select(e => e.Field));
    }

    [Fact]
    public void Manifest_WithTooManyFiles_IsRefused()
    {
        var files = Enumerable.Range(0, 17).Select(i => new ManifestFile { File = $"f{i}" }).ToArray();

        Assert.Equal("files", Assert.Single(ManifestValidator.Validate(Manifests.Labels with { Files = files })).Field);
        Assert.Empty(ManifestValidator.Validate(Manifests.Labels with { Files = files[..16] }));
    }

    [Fact]
    public void Manifest_WithoutAModel_GivesTensorsAlone()
    {
        var errors = ManifestValidator.Validate(Manifests.Labels with { Model = null });

        Assert.Equal(("postprocess.kind", "needs_model"), (Assert.Single(errors).Field, errors[0].Code));
    }

    [Fact]
    public void Manifest_WhenPublished_NeedsDigestsAndSizes()
    {
        Assert.Equal(["model.sha256", "model.size"], ManifestValidator.Validate(Manifests.Labels, isPublished: true).Select(e => e.Field));
        var whole = Manifests.Labels with { Model = new() { File = "m", Sha256 = Sha256.Of([]), Size = 3 } };
        Assert.Empty(ManifestValidator.Validate(whole, isPublished: true));
    }

    [Fact]
    public void Detections_WithoutAPicture_AreRefused()
    {
        var manifest = Manifests.Detections with { Preprocess = new() { Kind = InputKind.Tensors } };

        Assert.Contains(ManifestValidator.Validate(manifest), e => e.Field == "postprocess.kind" && e.Code == "needs_image");
    }

    private static byte[] Example(string name) =>
        File.ReadAllBytes(Path.Combine(TestData.RepositoryRoot, "Tests", "Inference", "manifests", $"{name}.json"));

    /// <summary>The example with one field set, or removed when the value is null.</summary>
    private static byte[] Changed(string example, string path, string? value)
    {
        var root = JsonNode.Parse(Example(example))!;
        var parts = path.Split('.');
        var parent = parts[..^1].Aggregate(root, (node, part) => node[part] ?? throw new JsonException($"{path} is not in the example"));
        if (value is null)
        {
            Assert.True(parent.AsObject().Remove(parts[^1]));
        }
        else
        {
            parent[parts[^1]] = JsonNode.Parse(value);
        }

        return JsonSerializer.SerializeToUtf8Bytes(root);
    }
}
