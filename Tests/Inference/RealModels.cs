using PiGrid.Inference;
using PiGrid.Models;

namespace PiGrid.Tests.Inference;

/// <summary>Pipelines of the test data's models, by the manifests beside this file.</summary>
internal static class RealModels
{
    /// <summary>The manifest of that name, whose paths are relative to the test data's folder.</summary>
    public static ModelManifest Manifest(string name)
    {
        var json = File.ReadAllBytes(Path.Combine(TestData.RepositoryRoot, "Tests", "Inference", "manifests", $"{name}.json"));
        Assert.True(ManifestReader.TryParse(json, out var manifest, out var errors), string.Join("; ", errors));
        return manifest;
    }

    /// <summary>A pipeline of that manifest.</summary>
    public static Pipeline Load(string name)
    {
        var manifest = Manifest(name);
        return Pipeline.Load(manifest, PipelineFiles.FromFolder(manifest, TestData.Folder!));
    }

    /// <summary>The bytes of a file of the test data.</summary>
    public static byte[] Input(string file) => File.ReadAllBytes(TestData.File(file));
}
