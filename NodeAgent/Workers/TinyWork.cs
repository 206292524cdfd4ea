using PiGrid.Models;
using PiGrid.NodeAgent.Workers.Inside;
using PiGrid.Verification;

namespace PiGrid.NodeAgent.Workers;

/// <summary>A whole model version of a few hundred bytes: a grey picture in, detections out. Everything real goes through it and takes no time.</summary>
internal static class TinyWork
{
    private const int Side = 32, Stride = 8, Cells = Side / Stride * (Side / Stride), Values = 3 * Side * Side / Cells;

    /// <summary>A grey PNG of 8 x 8 pixels.</summary>
    public static byte[] Picture { get; } = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAADklEQVR42mNogAIGyhgAgIQgARDoahcAAAAASUVORK5CYII=");

    /// <summary>The ONNX file: the picture's values laid out as a detector's rows.</summary>
    public static byte[] Model { get; } = TinyModel.Reshape(Side, Cells, Values);

    /// <summary>The manifest.</summary>
    public static ModelManifest Manifest { get; } = new()
    {
        Schema = ModelManifest.SchemaV1,
        Name = "rehearsal",
        Version = "1",
        Publisher = "PiGrid",
        Licence = "Apache-2.0",
        Category = "test",
        Model = new() { File = "tiny.onnx" },
        Preprocess = new() { Kind = InputKind.Image, Image = new() { Width = Side, Height = Side, Scale = 1 / 255.0 } },
        Postprocess = new() { Kind = OutputKind.Detections, Detections = new() { Family = DetectorFamily.Yolox, Strides = [Stride], ScoreThreshold = 0.2 } },
        Comparator = new() { Kind = ComparatorKind.Detections },

        // A worker's memory limit can be lowered later and never raised.
        Limits = new() { MemoryMib = 65_536 },
    };

    /// <summary>The manifest's canonical bytes.</summary>
    public static byte[] ManifestBytes { get; } = CanonicalJson.Serialize(Manifest);

    /// <summary>What a worker with it loaded is known by.</summary>
    public static Sha256 Key { get; } = Sha256.Of(ManifestBytes);
}
