using Microsoft.ML.OnnxRuntime.Tensors;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Tests.Inference;

/// <summary>Manifests and models for tests that need no test data.</summary>
internal static class Manifests
{
    /// <summary>Tensors in, tensors out.</summary>
    public static ModelManifest Tensors => new()
    {
        Schema = ModelManifest.SchemaV1,
        Name = "small",
        Version = "1",
        Publisher = "tests",
        Licence = "MIT",
        Category = "test",
        Model = new() { File = "model.onnx" },
        Preprocess = new() { Kind = InputKind.Tensors },
        Postprocess = new() { Kind = OutputKind.Tensors },
        Comparator = new() { Kind = ComparatorKind.Tensors },
    };

    /// <summary>A grey picture of 2 x 2 pixels in, four labels out.</summary>
    public static ModelManifest Labels => Tensors with
    {
        Preprocess = new() { Kind = InputKind.Image, Image = new() { Width = 2, Height = 2, Fit = ImageFit.Stretch, Channels = ChannelOrder.Grey } },
        Postprocess = new() { Kind = OutputKind.Labels, TopK = 2 },
        Comparator = new() { Kind = ComparatorKind.Labels },
    };

    /// <summary>A picture of 32 x 32 pixels in, detections of two classes out.</summary>
    public static ModelManifest Detections => Tensors with
    {
        Preprocess = new() { Kind = InputKind.Image, Image = new() { Width = 32, Height = 32 } },
        Postprocess = new() { Kind = OutputKind.Detections, Detections = new() { Family = DetectorFamily.Yolox } },
        Comparator = new() { Kind = ComparatorKind.Detections },
    };

    /// <summary>Text in, text out.</summary>
    public static ModelManifest Text => Tensors with
    {
        Preprocess = new() { Kind = InputKind.Text, Tokenizer = new() { File = "tokens.bin", VocabularySize = 300 } },
        Postprocess = new() { Kind = OutputKind.Text, Generation = new() { TokensMax = 5, ContextMax = 20 } },
        Comparator = new() { Kind = ComparatorKind.Text },
        Files = [new() { File = "tokens.bin" }],
    };

    /// <summary>A model of one operator over <c>x</c>.</summary>
    public static byte[] OneOperator(string type, TensorElementType element, long[] input, long[] output, Action<OnnxModels.Proto>? attributes = null) =>
        OnnxModels.Model(g => g
            .Message(1, n =>
            {
                OnnxModels.Node(n, type, ["x"], ["y"]);
                attributes?.Invoke(n);
            })
            .Value(11, "x", element, input).Value(12, "y", element, output));

    /// <summary>An input of tensors.</summary>
    public static byte[] Input(params TensorData[] tensors) => System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(tensors, GridJson.Wire);

    /// <summary>A tensor of 32-bit floats.</summary>
    public static TensorData Floats(string name, long[] shape, params float[] values) =>
        new(name, "float32", shape, System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values).ToArray());
}
