using PiGrid.Client;

namespace PiGrid.Benchmarks.Online;

/// <summary>The digit model of the test data with a manifest.</summary>
internal static class MnistModel
{
    private const string Manifest = """
        {
          "schema": "pigrid-manifest/1", "name": "mnist", "version": "1", "publisher": "benchmark", "licence": "MIT", "category": "vision",
          "model": {"file": "mnist.onnx"},
          "preprocess": {"kind": "image", "image": {"width": 28, "height": 28, "fit": "stretch", "channels": "grey"}},
          "postprocess": {"kind": "labels", "top_k": 3, "softmax": true},
          "comparator": {"kind": "labels"},
          "ringers": [{"file": "3.jpg"}]
        }
        """;

    /// <summary>Lays the model out in a folder.</summary>
    /// <param name="data">The test data's folder.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static async Task<(ManifestFolder Model, byte[] Digit)> LayOutAsync(string data, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        File.Copy(Path.Combine(data, "models", "mnist.onnx"), Path.Combine(folder, "mnist.onnx"));
        File.Copy(Path.Combine(data, "digits", "3.jpg"), Path.Combine(folder, "3.jpg"));
        var manifest = Path.Combine(folder, "manifest.json");
        await File.WriteAllTextAsync(manifest, Manifest, cancellationToken);
        var digit = await File.ReadAllBytesAsync(Path.Combine(folder, "3.jpg"), cancellationToken);
        return (await ManifestFolder.LoadAsync(manifest, cancellationToken), digit);
    }
}
