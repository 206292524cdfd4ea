using PiGrid.Inference;
using PiGrid.Inference.Segments;
using PiGrid.Models;
using PiGrid.Verification;

namespace PiGrid.Tests.Inference.Segments;

/// <summary>The demo's detector, cut: a real model that every checkout has.</summary>
internal static class StreetModel
{
    private static readonly string Bundle = Path.Combine(TestData.RepositoryRoot, "eng", "demo-model", "bundle");

    public static ModelManifest Manifest { get; } = Read();

    public static PipelineFiles Files { get; } = PipelineFiles.FromFolder(Manifest, Bundle);

    public static SegmentPlan Plan { get; } = MakePlan(Manifest, Files, Picture("bus-stop.jpg"), 5);

    public static byte[] Picture(string name) => File.ReadAllBytes(Path.Combine(Bundle, "pictures", name));

    public static SegmentPlan MakePlan(ModelManifest manifest, PipelineFiles files, byte[] input, int segments)
    {
        using var pipeline = Pipeline.Load(manifest, files);
        return SegmentPlanner.Plan(files.Model!, pipeline.Prepare(input).Tensors, new() { ModelBytesMin = 0, Segments = segments })!;
    }

    private static ModelManifest Read()
    {
        Assert.True(ManifestReader.TryParse(File.ReadAllBytes(Path.Combine(Bundle, "manifest.json")), out var manifest, out var errors), string.Join("; ", errors));
        return manifest;
    }
}
